import { describe, expect, it } from "vitest";
import { redirectTarget } from "../../src/sdk/redirect-target.ts";

const from = new URL("https://desk.example.org/files/7");
const hosts = ["store.example.net", "localhost:9000"];
const target = (location: string | undefined, status = 302, how = { from, hosts }) =>
  redirectTarget(status, location, how)?.href;

describe("a redirection", () => {
  it.each([301, 302, 303, 307, 308])("is followed with %s", (status) => {
    expect(target("https://store.example.net/a?sig=1", status)).toBe("https://store.example.net/a?sig=1");
  });

  it.each([
    ["to a host that is named", "https://store.example.net/a"],
    ["to one below it", "https://eu.store.example.net/a"],
    ["to a port that is named", "https://localhost:9000/a"],
  ])("is followed %s", (_, location) => {
    expect(target(location)).toBe(location);
  });

  it("is followed on the same host where that is named, from where it was", () => {
    expect(target("../disk/8", 302, { from, hosts: ["desk.example.org"] })).toBe(
      "https://desk.example.org/disk/8",
    );
  });

  it.each([
    ["no address", undefined],
    ["what is no address", "https://"],
    ["the same host, unless it is named", "/login"],
    ["a host that ends alike", "https://evilstore.example.net/a"],
    ["a host that begins alike", "https://store.example.net.evil.org/a"],
    ["another port of a host", "https://store.example.net:8443/a"],
    ["a name of a user that looks like the host", "https://store.example.net@evil.org/a"],
    ["a host that is named, with somebody's name", "https://me@store.example.net/a"],
    ["a host that is named, with a password alone", "https://:secret@store.example.net/a"],
    ["a host that is named, with somebody's password", "https://me:secret@store.example.net/a"],
    ["an unguarded way", "http://store.example.net/a"],
    ["another scheme", "ftp://store.example.net/a"],
    ["a file", "file:///etc/passwd"],
  ])("is not followed to %s", (_, location) => {
    expect(target(location)).toBeUndefined();
  });

  it("is followed from an unguarded server by either way", () => {
    const how = { from: new URL("http://desk.test/files/7"), hosts };
    expect(target("http://store.example.net/a", 302, how)).toBeDefined();
    expect(target("https://store.example.net/a", 302, how)).toBeDefined();
    expect(target("ftp://store.example.net/a", 302, how)).toBeUndefined();
  });

  it.each([200, 300, 304, 404])("is none with %s", (status) => {
    expect(target("https://store.example.net/a", status)).toBeUndefined();
  });
});
