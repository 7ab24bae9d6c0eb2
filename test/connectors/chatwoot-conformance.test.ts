import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import connector from "../../connectors/chatwoot/index.ts";
import { ACCOUNT, type Chatwoot, INBOX, SECRET, startChatwoot, TOKEN, USER } from "./chatwoot-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const rawOf: Record<string, string> = {
  new: "open",
  open: "open",
  pending: "snoozed",
  solved: "resolved",
  closed: "resolved",
};

function harnessOf(chatwoot: Chatwoot, settings: object): ConnectorHarness {
  return {
    serverUrl: chatwoot.url,
    settings: (url) => ({ url, token: TOKEN, account: ACCOUNT, user: USER, inbox: INBOX, ...settings }),
    contactsOf: async ({ externalId }) =>
      chatwoot.contacts
        .filter((contact) => contact.identifier === externalId)
        .map(({ id, name }) => ({ id: String(id), name })),
    ticketsOf: async (externalId) =>
      chatwoot.conversations
        .filter((one) => one.custom_attributes["deskferry_id"] === externalId)
        .map((one) => ({
          id: String(one.id),
          subject: String(one.custom_attributes["deskferry_subject"]),
        })),
    commentsOf: async (ticketId) =>
      (chatwoot.conversations.find(({ id }) => String(id) === ticketId)?.messages ?? []).map((message) => ({
        body: message.content ?? "",
        visibility: message.private ? "internal" : "public",
        attachments: message.files,
      })),
    staff: {
      reply: (id, content) => chatwoot.act(id, { content }),
      replyWithFiles: async (id, content, given) => {
        const files = given.map(({ name, bytes }) => chatwoot.addFile(name, bytes));
        await chatwoot.act(id, { content, files });
        return files.map((file) => file.id);
      },
      note: (id, content) => chatwoot.act(id, { content, private: true }),
      setStatus: (id, status) => chatwoot.act(id, { status: rawOf[status] ?? status }),
    },
    sendWebhooksTo: async (url) => chatwoot.sendWebhooksTo(url),
    stop: () => chatwoot.stop(),
  };
}

const kinds: [string, boolean, object][] = [
  ["that signs its webhooks", true, { webhookSecret: SECRET }],
  ["up to 4.11, which does not sign and is polled", false, {}],
];

for (const [name, signs, settings] of kinds) {
  describe(`a Chatwoot ${name}`, () => {
    let problems: string[] = ["no server was started"];
    connectorConformance(
      { describe, it, beforeAll, afterAll },
      {
        definition: connector,
        exampleSettings: {
          url: "https://chatwoot.example.org",
          token: "an-example",
          account: 3,
          user: 41,
          inbox: 7,
          ...settings,
        },
        start: async () => {
          const chatwoot = await startChatwoot({ signs });
          problems = chatwoot.problems;
          return harnessOf(chatwoot, settings);
        },
      },
    );
    it("got no request that its own description (swagger.json of 4.11.0) does not allow", () => {
      expect([...new Set(problems)]).toEqual([]);
    });
  });
}

describe("a Chatwoot, whatever its version", () => {
  resetAfterCommit({
    definition: connector,
    start: async () => harnessOf(await startChatwoot({ signs: true }), { webhookSecret: SECRET }),
    conversations: 500,
  });
});
