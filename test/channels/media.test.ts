import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import meta from "../../src/channels/meta/index.ts";
import { type HttpClient, type MediaRef, PluginError } from "../../src/sdk/index.ts";
import {
  type Call,
  createChannel,
  type GraphServer,
  graphErrorBody,
  NUMBER_ID,
  type Reply,
  startGraph,
  TOKEN,
} from "./graph-server.ts";

const FILE = randomBytes(300_000);
const hash = (encoding: "hex" | "base64") => createHash("sha256").update(FILE).digest(encoding);
const MEDIA: MediaRef = { id: "300000000000001", mimeType: "image/jpeg", sha256: hash("base64") };

let folder: string;
let path: string;
let server: GraphServer;
/** Answers to the questions for the address, then to those for the file; the last one repeats. */
let locations: Reply[];
let files: Reply[];

function location(more: object = {}): Reply {
  const url = `${server.url}/whatsapp_business/attachments/?mid=${MEDIA.id}`;
  const { length } = FILE;
  return {
    body: {
      url,
      mime_type: "image/png",
      sha256: hash("hex"),
      file_size: String(length),
      id: MEDIA.id,
      ...more,
    },
  };
}

function answer({ path: asked }: Call): Reply {
  const replies = asked.startsWith("/v25.0/") ? locations : files;
  return (replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 500 };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskferry-media-"));
  path = join(folder, "photo");
  server = await startGraph(answer);
  locations = [location()];
  files = [{ body: FILE, headers: { "content-type": "image/gif" } }];
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function fetchMedia(media: MediaRef = MEDIA, maxBytes = 1_000_000) {
  return createChannel({ graphUrl: server.url }).fetchMedia(media, { path, maxBytes });
}

/** The error, after a look that nothing was left behind. */
async function failure(media?: MediaRef, maxBytes?: number): Promise<PluginError> {
  const before = await readdir(folder);
  const error = await fetchMedia(media, maxBytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginError)) throw new Error(`no PluginError but ${String(error)}`);
  expect(await readdir(folder)).toEqual(before);
  expect(`${error.message} ${error.operatorMessage}`).not.toContain(TOKEN);
  return error;
}

const isFile = ({ path: asked }: Call) => !asked.startsWith("/v25.0/");

describe("P16: a file of a person", () => {
  test("is fetched by its id, whole, with the type that Graph tells", async () => {
    expect(await fetchMedia()).toEqual({ mimeType: "image/png", size: FILE.length });
    expect(FILE.equals(await readFile(path))).toBe(true);
    expect(await readdir(folder)).toEqual(["photo"]);
    expect(server.calls.map((call) => call.path)).toEqual([
      "/v25.0/300000000000001",
      "/whatsapp_business/attachments/",
    ]);
    expect(server.calls[0]?.query).toEqual({ phone_number_id: NUMBER_ID });
    for (const { headers } of server.calls) expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test("is not fetched from the webhook's address, which may be of any age and anywhere", async () => {
    await fetchMedia({ ...MEDIA, url: "http://127.0.0.1:1/stale" });
    expect(server.calls).toHaveLength(2);
  });

  test("replaces what was there", async () => {
    await writeFile(path, "older");
    await fetchMedia();
    expect(FILE.equals(await readFile(path))).toBe(true);
  });

  test.each([
    [{ sha256: hash("base64") }, "Graph's header", { mime_type: undefined }, "image/gif"],
    [{ sha256: hash("hex") }, "hex", {}, "image/png"],
    [{}, "no hash but Graph's", {}, "image/png"],
    [{ sha256: "unreadable" }, "an unreadable hash", {}, "image/png"],
  ])("is checked with %j (%s)", async (told, _name, more, mimeType) => {
    locations = [location(more)];
    expect(await fetchMedia({ id: MEDIA.id, mimeType: "image/jpeg", ...told })).toEqual({
      mimeType,
      size: FILE.length,
    });
  });

  test("comes uncompressed, so that its hash fits", async () => {
    await server.stop();
    server = await startGraph((call) => {
      if (!isFile(call)) return answer(call);
      const zips = /gzip/.test(String(call.headers["accept-encoding"]));
      return zips ? { body: gzipSync(FILE), headers: { "content-encoding": "gzip" } } : { body: FILE };
    });
    locations = [location()];
    await fetchMedia();
    expect(FILE.equals(await readFile(path))).toBe(true);
  });
});

describe("P16: an address that has expired", () => {
  test.each([404, 410])("is renewed once from the id (%i)", async (status) => {
    files = [{ status }, { body: FILE }];
    expect((await fetchMedia()).size).toBe(FILE.length);
    expect(server.calls.map(isFile)).toEqual([false, true, false, true]);
  });

  test("and found expired again is tried later", async () => {
    files = [{ status: 404 }];
    const error = await failure();
    expect([error.kind, error.retryable]).toEqual(["unavailable", true]);
    expect(server.calls).toHaveLength(4);
  });
});

describe("P16: a file that cannot be had", () => {
  test.each([
    [
      "an id that is gone",
      { status: 404, body: graphErrorBody(100, { error_subcode: 33 }) },
      "rejected",
      "gone",
    ],
    ["code 100 alone", { status: 400, body: graphErrorBody(100) }, "rejected", "gone"],
    ["code 33", { status: 400, body: graphErrorBody(33) }, "rejected", "gone"],
    ["a plain 404", { status: 404, body: Buffer.from("no") }, "rejected", "gone"],
    ["a token that is no good", { status: 401, body: graphErrorBody(190) }, "auth", 190],
    ["Graph's own fault", { status: 500, body: graphErrorBody(131000) }, "ambiguous", 131000],
    ["an answer without an address", { body: { id: "1" } }, "ambiguous", "no_url"],
    ["an address that is none", { body: { url: "not an address" } }, "ambiguous", "no_url"],
    ["an address elsewhere", { body: { url: "http://127.0.0.1:9/steal" } }, "rejected", "host_not_allowed"],
    ["a local file", { body: { url: "file:///etc/hostname" } }, "rejected", "host_not_allowed"],
  ])("%s", async (_name, reply, kind, code) => {
    locations = [reply];
    const error = await failure();
    expect([error.kind, error.code]).toEqual([kind, code]);
    expect(server.calls.filter(isFile)).toEqual([]);
  });

  test.each([
    ["refused", { status: 401 }, "auth"],
    ["in trouble", { status: 500 }, "ambiguous"],
    ["busy", { status: 503 }, "unavailable"],
    ["elsewhere", { status: 302, headers: { location: "http://127.0.0.1:9/steal" } }, "config"],
    ["broken off before the first byte", { reset: true }, "ambiguous"],
    ["broken off in the middle", { body: FILE.subarray(0, 1000), promised: FILE.length }, "ambiguous"],
  ])("a file server that is %s", async (_name, reply, kind) => {
    files = [reply];
    expect((await failure()).kind).toBe(kind);
  });

  test("a file with another content than announced is tried again", async () => {
    files = [{ body: Buffer.from("something else") }];
    const error = await failure();
    expect([error.kind, error.code, error.retryable]).toEqual(["ambiguous", "hash_mismatch", true]);
  });

  test("what was there stays when the new file fails", async () => {
    await writeFile(path, "older");
    files = [{ body: Buffer.from("something else") }];
    await failure();
    expect(await readFile(path, "utf8")).toBe("older");
  });

  test("a folder that does not exist is our own trouble", async () => {
    path = join(folder, "missing", "photo");
    const error = await failure();
    expect([error.kind, error.code]).toEqual(["unavailable", "ENOENT"]);
  });
});

describe("P17: the size", () => {
  test("of the limit is allowed", async () => {
    expect((await fetchMedia(MEDIA, FILE.length)).size).toBe(FILE.length);
  });

  test("over the limit is refused before the file is asked for", async () => {
    const error = await failure(MEDIA, FILE.length - 1);
    expect([error.kind, error.code, error.retryable]).toEqual(["rejected", "too_large", false]);
    expect(server.calls.filter(isFile)).toEqual([]);
  });

  test("told wrongly is noticed while the file comes, and the rest is not read", async () => {
    locations = [location({ file_size: "10" })];
    // More than fits into the sockets, never ended: only breaking off can end this.
    files = [{ body: Buffer.alloc(1_000_000), promised: Number.MAX_SAFE_INTEGER }];
    const error = await failure(MEDIA, 100_000);
    expect([error.kind, error.code]).toEqual(["rejected", "too_large"]);
  });
});

describe("P16: the token", () => {
  test("goes to the hosts of the settings and to no other", async () => {
    const other = await startGraph(() => ({ body: FILE }));
    try {
      locations = [location({ url: `${other.url}/file` })];
      expect((await failure()).code).toBe("host_not_allowed");
      expect(other.calls).toEqual([]);
      const channel = createChannel({ graphUrl: server.url, mediaHosts: [other.host] });
      expect((await channel.fetchMedia(MEDIA, { path, maxBytes: 1_000_000 })).size).toBe(FILE.length);
      expect(other.calls[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    } finally {
      await other.stop();
    }
  });

  test("never travels in the clear because an answer says so", async () => {
    const clear = { url: "http://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1" };
    const downloads: string[] = [];
    const text = JSON.stringify(clear);
    const client: HttpClient = {
      request: async () => ({ status: 200, headers: {}, text, json: () => clear }),
      download: async ({ url }) => {
        downloads.push(url);
        throw new Error("asked for the file");
      },
    };
    const config = meta.config.parse({
      phoneNumberId: NUMBER_ID,
      appSecrets: ["app-secret"],
      verifyToken: "verify-token",
      accessToken: TOKEN,
    });
    const log = { debug() {}, info() {}, warn() {} };
    const channel = meta.create(config, { http: () => client, log, clock: { now: () => 0 } });
    await expect(channel.fetchMedia(MEDIA, { path, maxBytes: 10 })).rejects.toMatchObject({
      code: "host_not_allowed",
    });
    expect(downloads).toEqual([]);
  });
});
