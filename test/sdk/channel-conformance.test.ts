import { type Channel, PluginError, type SendRequest } from "deskferry/sdk";
import { expect, it } from "vitest";
import dialog360 from "../../src/channels/dialog360/index.ts";
import { type Definition, suiteFor, withChannel } from "../channels/dialog360-harness.ts";

const refuse = () => Promise.reject(new PluginError({ kind: "rejected", operatorMessage: "no" }));
const sending = (change: (send: Channel["send"], request: SendRequest) => ReturnType<Channel["send"]>) =>
  withChannel(({ send }) => ({ send: (request) => change(send, request) }));
const kindOf = (
  send: Channel["send"],
  request: SendRequest,
  from: string,
  kind: "ambiguous" | "unavailable" | "rejected",
) =>
  send(request).catch((error: PluginError) => {
    throw error.kind === from ? new PluginError({ kind, operatorMessage: error.operatorMessage }) : error;
  });

const SENT = "a send gives the provider's id, and its receipt brings our callback data back";
const FILE = "a file of ours goes out whole, or is refused before any request";
const LINK = "a file by its address goes out, or is refused before any request";
const QUESTION = "each kind of question goes out, or is refused before any request";
const REACTION = "a reaction goes out and is taken back, or is refused before any request";
const UPLOAD = "a failed upload is never unclear, and nothing is sent after it";
const DECLARED = "what can be sent is declared in known words, and files with their limits";
const FETCHED = "a file arrives whole, with its size and type";

/** Wrong in one thing, and the only tests that say so. */
const wrong: [does: string, definition: Definition, caught: string[]][] = [
  ["obeys", dialog360, []],
  [
    "takes a server that was never reached for one that may have worked",
    sending((send, request) => kindOf(send, request, "unavailable", "ambiguous")),
    ["a provider that cannot be reached is unavailable, not unclear", UPLOAD],
  ],
  [
    "gives no id of what it sent",
    sending(async (send, request) => ({ ...(await send(request)), messageId: "" })),
    [SENT, FILE, LINK, QUESTION, REACTION],
  ],
  [
    "sends no questions",
    sending((send, request) => (request.outbound.kind === "interactive" ? refuse() : send(request))),
    [QUESTION],
  ],
  [
    "sends no files",
    sending((send, request) => (request.outbound.kind === "media" ? refuse() : send(request))),
    [FILE, UPLOAD, LINK],
  ],
  [
    "knows no limits of files",
    withChannel(({ mediaLimit: _, ...rest }) => ({ ...rest, mediaLimit: undefined as never })),
    [DECLARED, "a file over the limit or of an unknown type is refused before any request"],
  ],
  [
    "can do what nobody knows",
    withChannel(({ sends }) => ({ sends: new Set([...(sends ?? []), "fax" as "media"]) })),
    [DECLARED],
  ],
  [
    "marks twice as read",
    withChannel(({ markRead }) => ({
      markRead: async (id, options) => {
        await markRead?.(id, options);
        await markRead?.(id, options);
      },
    })),
    ['a read mark is one request, with and without "typing …", and its failure has a kind'],
  ],
  [
    "answers a set-up request that is none",
    withChannel(() => ({ handshake: () => "" })),
    ["the set-up request is answered only with the right word"],
  ],
  [
    "is another account's",
    withChannel(() => ({ accountId: "another" })),
    ["P07: a message becomes one event of this channel's account, the same every time", SENT],
  ],
  [
    "tells another size of a file",
    withChannel(({ fetchMedia }) => ({
      fetchMedia: async (media, target) => ({ ...(await fetchMedia(media, target)), size: 1 }),
    })),
    [FETCHED],
  ],
  [
    "tells another type of a file",
    withChannel(({ fetchMedia }) => ({
      fetchMedia: async (media, target) => ({ ...(await fetchMedia(media, target)), mimeType: "a/b" }),
    })),
    [FETCHED],
  ],
  [
    "takes any reaction",
    sending((send, request) =>
      request.outbound.kind === "reaction"
        ? send({ ...request, outbound: { ...request.outbound, emoji: "👍" } })
        : send(request),
    ),
    [REACTION],
  ],
  [
    "repeats itself when it is throttled",
    sending((send, request) =>
      send(request).catch((error: PluginError) => {
        if (error.kind === "throttled") return send(request);
        throw error;
      }),
    ),
    ["each failure has its kind, and none is repeated by the channel", UPLOAD],
  ],
  [
    "calls home",
    sending(async (send, request) => {
      await fetch("http://127.0.0.1:65530/").catch(() => undefined);
      return send(request);
    }),
    ["sends go to the configured host and nowhere else"],
  ],
  [
    "accepts what is signed with other secrets",
    {
      ...dialog360,
      create: (config, tools) => dialog360.create({ ...config, webhookSecrets: ["platform-secret"] }, tools),
    },
    ["a webhook signed with other secrets is refused"],
  ],
];

it.each(wrong)("a channel that %s fails these tests and no others", async (_does, definition, caught) => {
  const { failed } = await suiteFor(definition).run();
  expect(failed.map(({ name }) => name.split(" > ")[1])).toEqual(caught);
});
