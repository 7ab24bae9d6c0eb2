import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createTwilioApi } from "../../src/channels/twilio/api.ts";
import { createMediaFetcher } from "../../src/channels/twilio/media.ts";
import type { Settings } from "../../src/channels/twilio/settings.ts";
import { createHttpClient, PluginError } from "../../src/sdk/index.ts";
import { type Call, type Reply, startGraph } from "./graph-server.ts";
import { ACCOUNT, AUTH_TOKEN } from "./providers.ts";

const clock = { now: () => 0 };
const log = { debug() {}, info() {}, warn() {} };
const ID = "MM1/ME1";
const PATH = `/2010-04-01/Accounts/${ACCOUNT}/Messages/MM1/Media/ME1`;

/** Fetches from a Twilio and a storage that answer like this; `to` is what Twilio sends on to. */
async function setUp(api: (to: string) => Reply, storage: Reply = { body: Buffer.from("bytes") }) {
  const store = await startGraph(() => storage);
  const server = await startGraph(() => api(`${store.url}/object`));
  const folder = await mkdtemp(join(tmpdir(), "deskferry-twilio-media-"));
  onTestFinished(async () => {
    await server.stop();
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const settings = {
    accountSid: ACCOUNT,
    authTokens: [AUTH_TOKEN],
    apiUrl: server.url,
    contentUrl: server.url,
    mediaHosts: [store.host],
  } as unknown as Settings;
  const tools = { http: (options: never) => createHttpClient(options, clock), log, clock };
  const fetchMedia = createMediaFetcher(createTwilioApi(settings, tools), settings, tools);
  const path = join(folder, "file");
  const asked = () => ({ api: server.calls, storage: store.calls });
  return {
    asked,
    folder,
    path,
    fetch: (sha256?: string) =>
      fetchMedia({ id: ID, mimeType: "image/jpeg", ...(sha256 ? { sha256 } : {}) }, { path, maxBytes: 1000 }),
  };
}

const redirect = (status: number) => (to: string) => ({ status, headers: { location: to } });

test("a file that Twilio gives itself is taken, with the token", async () => {
  const { fetch, asked, path } = await setUp(() => ({
    body: Buffer.from("own"),
    headers: { "content-type": "text/html" },
  }));
  expect(await fetch()).toEqual({ mimeType: "image/jpeg", size: 3 });
  expect(await readFile(path, "utf8")).toBe("own");
  const [call] = asked().api as [Call];
  expect([call.method, call.path, asked().api.length, asked().storage.length]).toEqual(["GET", PATH, 1, 0]);
  expect(call.headers.authorization).toMatch(/^Basic /);
});

test.each([301, 302, 303, 307, 308])("by a %i it is fetched elsewhere, without the token", async (status) => {
  const { fetch, asked, path } = await setUp(redirect(status));
  expect(await fetch()).toEqual({ mimeType: "image/jpeg", size: 5 });
  expect(await readFile(path, "utf8")).toBe("bytes");
  expect(asked().storage.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(asked().storage[0]?.headers["accept-encoding"]).toBe("identity");
});

test.each<[string, (to: string) => Reply, Reply | undefined, string, string | number]>([
  ["is gone", () => ({ status: 404 }), undefined, "rejected", "gone"],
  ["is sent on to nowhere", () => ({ status: 307 }), undefined, "ambiguous", "no_url"],
  [
    "is sent on to what is no address",
    () => ({ status: 307, headers: { location: "/file" } }),
    undefined,
    "ambiguous",
    "no_url",
  ],
  ["is forbidden", () => ({ status: 401 }), undefined, "auth", 401],
  ["is too large", redirect(307), { body: Buffer.alloc(1001) }, "rejected", "too_large"],
  ["is missing at the storage", redirect(307), { status: 503 }, "unavailable", 503],
  [
    "is sent on to a host that is not allowed",
    () => ({ status: 307, headers: { location: "http://127.0.0.1:9/x" } }),
    undefined,
    "rejected",
    "host_not_allowed",
  ],
])(
  "a file that %s is an error of its own, and leaves nothing behind",
  async (_name, api, storage, kind, code) => {
    const { fetch, folder } = await setUp(api, storage);
    const error = await fetch().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ kind, code });
    expect((error as PluginError).operatorMessage).toContain("fetch file");
    expect(await readdir(folder)).toEqual([]);
  },
);

test("a file of another content than announced is refused", async () => {
  const { fetch } = await setUp(redirect(307));
  await expect(fetch("ab".repeat(32))).rejects.toMatchObject({ code: "hash_mismatch" });
});

test("from an address with TLS nobody is sent on to one without", async () => {
  const asked: string[] = [];
  const client = {
    request: async () => ({ status: 307, headers: { location: "http://mms.twiliocdn.com/x" }, text: "" }),
    download: async ({ url }: { url: string }) => {
      asked.push(url);
      throw new PluginError({ kind: "config", code: 307, operatorMessage: "sent on" });
    },
  };
  const settings = { apiUrl: "https://api.twilio.com", mediaHosts: ["mms.twiliocdn.com"] } as Settings;
  const tools = { http: () => client as never, log, clock };
  const api = { client, accountPath: "/a" } as never;
  const fetchMedia = createMediaFetcher(api, settings, tools);
  await expect(
    fetchMedia({ id: "MM 1/ME?1", mimeType: "image/png" }, { path: "/nowhere", maxBytes: 1 }),
  ).rejects.toMatchObject({ kind: "rejected", code: "host_not_allowed" });
  expect(asked).toEqual(["https://api.twilio.com/a/Messages/MM%201/Media/ME%3F1"]);
});
