import { expect, test } from "vitest";
import { z } from "zod";
import meta from "../../src/channels/meta/index.ts";

const least = {
  phoneNumberId: "100000000000001",
  appSecrets: ["secret"],
  verifyToken: "word",
  accessToken: "token",
};

test("four settings are enough; the rest is Meta's own addresses", () => {
  expect(meta.config.parse(least)).toEqual({
    ...least,
    graphUrl: "https://graph.facebook.com",
    graphVersion: "v25.0",
    mediaHosts: ["lookaside.fbsbx.com"],
  });
});

test.each([
  ["a number without quotes", { phoneNumberId: 100000000000001 }, "phoneNumberId", "quotes"],
  [
    "a phone number for its id",
    { phoneNumberId: "+442079460100" },
    "phoneNumberId",
    "not the phone number itself",
  ],
  ["no app secret", { appSecrets: [] }, "appSecrets", "at least one app secret"],
  ["an empty app secret", { appSecrets: [""] }, "appSecrets.0", ""],
  ["a version without its v", { graphVersion: "25" }, "graphVersion", "as in v25.0"],
  ["an address for a host", { mediaHosts: ["https://example.org"] }, "mediaHosts.0", "no scheme"],
  ["another protocol", { graphUrl: "ftp://example.org" }, "graphUrl", ""],
  ["a key that is not known", { accesToken: "x" }, "", "accesToken"],
])("%s is an error that names its place", (_name, change, path, says) => {
  const { error } = meta.config.safeParse({ ...least, ...change });
  expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  expect(error?.issues[0]?.message).toContain(says);
});

test("P31: every secret is marked, so that nothing shows it", () => {
  const { properties } = z.toJSONSchema(meta.config, { io: "input", unrepresentable: "any" });
  const marked = Object.entries(properties ?? {}).filter(([, field]) =>
    JSON.stringify(field).includes('"secret":true'),
  );
  expect(marked.map(([name]) => name)).toEqual(["appSecrets", "verifyToken", "accessToken"]);
});
