import { writeFile } from "node:fs/promises";
import { PluginError } from "deskferry/sdk";
import { describe, expect, it } from "vitest";
import dialog360 from "../../src/channels/dialog360/index.ts";
import { type Definition, suiteFor, withChannel } from "./dialog360-harness.ts";
import { BYTES } from "./providers.ts";

const disobedient: [does: string, definition: Definition][] = [
  ["believes everybody", withChannel(() => ({ verify: () => true }))],
  ["believes nobody", withChannel(() => ({ verify: () => false }))],
  [
    "throws at what it cannot read",
    {
      ...dialog360,
      parse: (body) => (JSON.parse(body.toString()) ? dialog360.parse(body) : dialog360.parse(body)),
    },
  ],
  ["loses messages", { ...dialog360, parse: () => ({ events: [], quarantined: [] }) }],
  [
    "forgets the callback data",
    withChannel(({ send }) => ({ send: (request) => send({ ...request, callbackData: "another" }) })),
  ],
  [
    "sends twice",
    withChannel(({ send }) => ({ send: (request) => send(request).catch(() => send(request)) })),
  ],
  [
    "calls the unclear failed",
    withChannel(({ send }) => ({
      send: (request) =>
        send(request).catch(() => {
          throw new PluginError({ kind: "rejected", operatorMessage: "no" });
        }),
    })),
  ],
  [
    "tells whom it wrote to",
    withChannel(({ send }) => ({
      send: (request) =>
        send(request).catch((error: PluginError) => {
          throw new PluginError({ kind: error.kind, operatorMessage: `not sent to ${request.to.phone}` });
        }),
    })),
  ],
  ["declares nothing and sends everything", withChannel(() => ({ sends: new Set() }))],
  [
    "declares what it does not send",
    withChannel(({ send }) => ({
      send: (request) =>
        request.outbound.kind === "reaction"
          ? Promise.reject(new PluginError({ kind: "rejected", operatorMessage: "no" }))
          : send(request),
    })),
  ],
  [
    "calls a failed upload unclear",
    withChannel(({ send }) => ({
      send: (request) =>
        send(request).catch((error: PluginError) => {
          const isUpload = request.outbound.kind === "media" && error.kind === "unavailable";
          const { operatorMessage } = error;
          throw isUpload ? new PluginError({ kind: "ambiguous", operatorMessage }) : error;
        }),
    })),
  ],
  [
    "takes every file",
    withChannel(() => ({ mediaLimit: () => ({ type: "document" as const, maxBytes: 1e9 }) })),
  ],
  [
    "names the file that it refuses",
    withChannel(({ send }) => ({
      send: (request) =>
        send(request).catch((error: PluginError) => {
          const { outbound } = request;
          const name = outbound.kind === "media" ? JSON.stringify(outbound.media.source) : "";
          throw new PluginError({ kind: error.kind, operatorMessage: `${error.operatorMessage} ${name}` });
        }),
    })),
  ],
  ["cannot mark as read", withChannel(() => ({ markRead: () => Promise.reject(new Error("no")) }))],
  [
    "knows no limit of a file",
    withChannel(({ fetchMedia }) => ({
      fetchMedia: (media, target) => fetchMedia(media, { ...target, maxBytes: 1e9 }),
    })),
  ],
  [
    "checks no hash",
    withChannel(({ fetchMedia }) => ({
      fetchMedia: ({ sha256: _, ...media }, target) => fetchMedia(media, target),
    })),
  ],
  [
    "leaves a broken file behind",
    withChannel(({ fetchMedia }) => ({
      fetchMedia: (media, target) =>
        fetchMedia(media, target).catch(async (error: unknown) => {
          await writeFile(target.path, BYTES.subarray(0, 10));
          throw error;
        }),
    })),
  ],
];

describe("the conformance suite of channel types", () => {
  it("has nothing against a channel that obeys", async () => {
    const { passed, failed } = await suiteFor(dialog360).run();
    expect(failed).toEqual([]);
    expect(passed.length).toBeGreaterThan(15);
  });

  it.each(disobedient)("catches one that %s", async (_does, definition) => {
    const { failed } = await suiteFor(definition).run();
    expect(failed).not.toEqual([]);
  });
});
