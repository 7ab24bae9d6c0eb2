import type { IncomingMessage } from "node:http";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { createFloodGuard } from "../../src/http/flood-guard.ts";
import { messageBody, setUpHttp, signature } from "./http-setup.ts";

const from = (remoteAddress: string, headers = {}, url = "/") =>
  ({ socket: { remoteAddress }, headers, url }) as unknown as IncomingMessage;

function setUp() {
  let now = 0;
  const guard = createFloodGuard(() => now);
  const refuse = (address: string, times: number) => {
    for (let n = 0; n < times; n++) guard.noteRefused(from(address));
  };
  function advance(ms: number): void {
    now += ms;
  }
  return { guard, refuse, advance };
}

describe("S13: an address that floods us", () => {
  it("is refused unread from its 121st refusal within a minute on, until a minute without any has passed", () => {
    const { guard, refuse, advance } = setUp();
    refuse("192.0.2.1", 119);
    expect(guard.isInVain(from("192.0.2.1"))).toBe(false);
    refuse("192.0.2.1", 1);
    expect(guard.isInVain(from("192.0.2.1"))).toBe(true);
    expect(guard.isInVain(from("192.0.2.2"))).toBe(false);
    advance(60_000);
    expect(guard.isInVain(from("192.0.2.1"))).toBe(true);
    advance(120_000);
    expect(guard.isInVain(from("192.0.2.1"))).toBe(false);
  });

  it("is forgotten after two minutes in which nobody looked", () => {
    const { guard, refuse, advance } = setUp();
    refuse("192.0.2.1", 120);
    advance(120_000);
    expect(guard.isInVain(from("192.0.2.1"))).toBe(false);
  });

  it.each([
    [{ "x-hub-signature-256": "sha256=0" }, "/"],
    [{ "x-twilio-signature": "a" }, "/"],
    [{ authorization: "Bearer a" }, "/"],
    [{ "x-desk-token": "a" }, "/"],
    [{}, "/webhooks/connections/desk?secret=a"],
  ])("is heard all the same where something could be a signature: %j %s", (headers, url) => {
    const { guard, refuse } = setUp();
    refuse("192.0.2.1", 500);
    expect(guard.isInVain(from("192.0.2.1", headers, url))).toBe(false);
  });

  it("is one network of IPv6, and one of IPv4 whichever way it is written is by itself", () => {
    const { guard, refuse } = setUp();
    refuse("2001:db8:1:2:3:4:5:6", 60);
    refuse("2001:db8:1:2::9", 60);
    expect(guard.isInVain(from("2001:db8:1:2:ffff::1"))).toBe(true);
    expect(guard.isInVain(from("2001:db8:1:3::1"))).toBe(false);
    refuse("2001:db8::1", 120);
    expect(guard.isInVain(from("2001:db8:0:0:5::"))).toBe(true);
    refuse("::ffff:192.0.2.1", 120);
    expect(guard.isInVain(from("::ffff:192.0.2.2"))).toBe(false);
  });

  it("cannot fill our memory with addresses", () => {
    const { guard, refuse } = setUp();
    for (let n = 0; n < 10_000; n++) refuse(`10.0.${n >> 8}.${n & 255}`, 1);
    refuse("192.0.2.1", 500);
    expect(guard.isInVain(from("192.0.2.1"))).toBe(false);
    refuse("10.0.0.0", 119);
    expect(guard.isInVain(from("10.0.0.0"))).toBe(true);
  });

  it("gets 429 for what has no signature; what is signed, from the same address, never", async () => {
    const setup = setUpHttp();
    const server = await setup.start();
    const post = () => request(`http://127.0.0.1:${server.port}`).post("/webhooks/channels/city");
    for (let n = 0; n < 120; n++) expect((await post().send("{}")).status).toBe(401);
    const limited = await post().send("{}");
    expect([limited.status, limited.headers["retry-after"]]).toEqual([429, "60"]);
    const large = await post().send("x".repeat(70_000));
    expect([large.status, large.headers["connection"]]).toEqual([429, "close"]);
    const body = messageBody();
    for (let n = 0; n < 20; n++) {
      expect((await post().set("X-Hub-Signature-256", signature(body)).send(body)).status).toBe(200);
    }
    expect((await post().set("X-Hub-Signature-256", signature(body, "wrong")).send(body)).status).toBe(401);
    expect(setup.counted.filter((each) => each === "city limited")).toHaveLength(2);
    expect(setup.taken).toHaveLength(20);
  });
});
