import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mediaTable } from "../../src/channels/cloud-api/media-limits.ts";
import dialog360 from "../../src/channels/dialog360/index.ts";
import { type Channel, createHttpClient, type OutboundMedia, PluginError } from "../../src/sdk/index.ts";
import {
  type Call,
  createChannel,
  type GraphServer,
  graphErrorBody,
  type Reply,
  startGraph,
} from "./graph-server.ts";

let server: GraphServer;
let folder: string;
let uploadReply: Reply;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskferry-upload-"));
  uploadReply = { body: { id: "1037543291543636" } };
  server = await startGraph(({ path }) =>
    path.endsWith("/media") ? uploadReply : { body: { messages: [{ id: "wamid.OUT1" }], success: true } },
  );
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const PDF = Buffer.from("%PDF-1.4 what the city says");

async function fileOf(bytes: Buffer | number): Promise<string> {
  const path = join(folder, "Ana Example's permit.pdf");
  await writeFile(path, typeof bytes === "number" ? "" : bytes);
  if (typeof bytes === "number") await truncate(path, bytes);
  return path;
}

function send(media: OutboundMedia, channel: Channel = createChannel({ graphUrl: server.url })) {
  const to = { phone: "+447700900123" };
  return channel.send({ to, outbound: { kind: "media", media }, callbackData: "intent-1" });
}

const document = (path: string): OutboundMedia => ({
  type: "document",
  mimeType: "application/pdf",
  source: { path },
  fileName: "permit.pdf",
});

async function errorOf(promise: Promise<unknown>): Promise<PluginError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginError)) throw new Error(`no PluginError but ${String(error)}`);
  return error;
}

/** A form as the server got it, read by another implementation than ours. */
function formOf({ headers, bytes }: Call): Promise<FormData> {
  return new Response(new Uint8Array(bytes), {
    headers: { "Content-Type": headers["content-type"] ?? "" },
  }).formData();
}

const paths = () => server.calls.map(({ method, path }) => `${method} ${path}`);

describe("a file of ours", () => {
  it("is uploaded with its type and sent by the id that it got", async () => {
    expect(await send(document(await fileOf(PDF)))).toEqual({ messageId: "wamid.OUT1" });
    expect(paths()).toEqual(["POST /v25.0/100000000000001/media", "POST /v25.0/100000000000001/messages"]);
    const [upload, message] = server.calls;
    const form = await formOf(upload as Call);
    const file = form.get("file") as File;
    expect([...form.keys()].sort()).toEqual(["file", "messaging_product", "type"]);
    expect([form.get("messaging_product"), form.get("type"), file.type]).toEqual([
      "whatsapp",
      "application/pdf",
      "application/pdf",
    ]);
    expect(Buffer.from(await file.arrayBuffer()).equals(PDF)).toBe(true);
    expect(upload?.headers["authorization"]).toBe("Bearer token-of-a-system-user");
    expect(message?.json).toMatchObject({
      type: "document",
      document: { id: "1037543291543636", filename: "permit.pdf" },
    });
  });

  it("goes by 360dialog's host and key in the same way", async () => {
    const config = dialog360.config.parse({
      phoneNumberId: "100000000000001",
      apiKey: "key",
      webhookSecrets: ["secret"],
      apiUrl: server.url,
    });
    const clock = { now: () => 0 };
    const log = { debug() {}, info() {}, warn() {} };
    const channel = dialog360.create(config, {
      http: (options) => createHttpClient(options, clock),
      log,
      clock,
    });
    await send(document(await fileOf(PDF)), channel);
    expect(paths()).toEqual(["POST /media", "POST /messages"]);
    expect(server.calls[0]?.headers["d360-api-key"]).toBe("key");
  });

  it("P31: does not tell its name on our disk", async () => {
    await send(document(await fileOf(PDF)));
    expect(server.calls[0]?.bytes.toString("latin1")).not.toContain("Ana");
  });

  it.each(mediaTable.map((row) => [row.type, row] as const))(
    "sent as %s may be as large as WhatsApp allows and no byte larger",
    async (type, { maxBytes, mimeTypes }) => {
      const [mimeType = ""] = mimeTypes;
      const media = { type, mimeType, source: { path: await fileOf(maxBytes + 1) } };
      const error = await errorOf(send(media));
      expect(error).toMatchObject({ kind: "rejected", problem: { action: "drop_file", reason: "file" } });
      expect(error.operatorMessage).toContain(
        `the file has ${maxBytes + 1} bytes, WhatsApp takes ${maxBytes}`,
      );
      expect(server.calls).toEqual([]);
      if (maxBytes > 20_000_000) return;
      await send({ ...media, source: { path: await fileOf(maxBytes) } });
      expect(server.calls).toHaveLength(2);
    },
  );

  it.each([
    [
      "that has gone",
      () => Promise.resolve(join(tmpdir(), "deskferry-not-there")),
      "the file is no longer there",
    ],
    ["that is a folder", () => Promise.resolve(folder), "the file is no longer there"],
    ["that is empty", () => fileOf(Buffer.alloc(0)), "the file is empty"],
  ])("%s is refused before any request", async (_name, path, says) => {
    const error = await errorOf(send(document(await path())));
    expect([error.kind, error.problem?.action]).toEqual(["rejected", "drop_file"]);
    expect(error.operatorMessage).toBe(`send message: ${says}`);
    expect(server.calls).toEqual([]);
  });

  it("is not uploaded when the message would be refused anyway", async () => {
    const media = { ...document(await fileOf(PDF)), caption: "x".repeat(2000) };
    expect((await errorOf(send(media))).kind).toBe("rejected");
    expect(server.calls).toEqual([]);
  });
});

describe("a failed upload is never unclear for the message, because nothing of it was sent", () => {
  it.each<[string, Reply, string]>([
    ["a broken connection", { reset: true }, "unavailable"],
    ["a server error", { status: 500, body: {} }, "unavailable"],
    ["a fault of WhatsApp's", { status: 500, body: graphErrorBody(131000) }, "unavailable"],
    ["a success that cannot be read", { body: Buffer.from("<html>") }, "unavailable"],
    ["a success without an id", { body: {} }, "unavailable"],
    ["a rate limit", { status: 429, body: graphErrorBody(80007) }, "throttled"],
    ["a token that is no good", { status: 401, body: graphErrorBody(190) }, "auth"],
    [
      "a number that is not ours",
      { status: 400, body: graphErrorBody(100, { error_subcode: 33 }) },
      "config",
    ],
    ["a type that is refused", { status: 400, body: graphErrorBody(100) }, "rejected"],
    ["a file that is refused", { status: 400, body: graphErrorBody(131053) }, "rejected"],
  ])("%s", async (_name, answer, kind) => {
    uploadReply = answer;
    const error = await errorOf(send(document(await fileOf(PDF))));
    expect(error.kind).toBe(kind);
    expect(paths()).toEqual(["POST /v25.0/100000000000001/media"]);
    if (kind === "rejected") expect(error.problem?.action).toBe("drop_file");
    if (kind === "unavailable") expect(error.problem).toBeUndefined();
  });
});

describe("a read mark", () => {
  it.each([
    [undefined, {}],
    [{ typing: false }, {}],
    [{ typing: true }, { typing_indicator: { type: "text" } }],
  ])("with %j", async (options, more) => {
    await createChannel({ graphUrl: server.url }).markRead?.("wamid.IN1", options);
    expect(paths()).toEqual(["POST /v25.0/100000000000001/messages"]);
    expect(server.calls[0]?.json).toEqual({
      messaging_product: "whatsapp",
      status: "read",
      message_id: "wamid.IN1",
      ...more,
    });
  });
});

describe("what a type of file is taken as", () => {
  it.each([
    ["image/jpeg", { type: "image", maxBytes: 5_242_880 }],
    ["IMAGE/PNG", { type: "image", maxBytes: 5_242_880 }],
    ["image/webp", { type: "sticker", maxBytes: 512_000 }],
    ["video/mp4", { type: "video", maxBytes: 16_777_216 }],
    ["audio/ogg; codecs=opus", { type: "audio", maxBytes: 16_777_216 }],
    ["application/pdf", { type: "document", maxBytes: 104_857_600 }],
    ["application/zip", undefined],
    ["image/heic", undefined],
    ["", undefined],
  ])("%s", (mimeType, limit) => {
    expect(createChannel().mediaLimit?.(mimeType)).toEqual(limit);
  });
});
