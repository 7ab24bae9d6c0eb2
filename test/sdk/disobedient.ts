import {
  type Connector,
  type ConnectorDefinition,
  fromHttpResponse,
  type HelpdeskEvent,
  type NewComment,
  PluginError,
  type Tools,
} from "deskferry/sdk";
import { z } from "zod";
import { change, toEvent } from "../../templates/connector/connector/changes.ts";
import type acme from "../../templates/connector/connector/index.ts";
import type { Settings } from "../../templates/connector/connector/settings.ts";
import { verifyWebhook } from "../../templates/connector/connector/webhook.ts";

type Acme = typeof acme;

export interface Disobedience {
  /** Completes "a connector that …". */
  does: string;
  /** Part of the names of the tests that must fail, all of them. */
  caught: string;
  define(acme: Acme): ConnectorDefinition;
}

/** The starting connector with some methods replaced. */
export function changed(
  replace: (connector: Required<Connector>, config: Settings, tools: Tools) => Partial<Connector>,
): Disobedience["define"] {
  return (acme) => ({
    ...acme,
    create(config: Settings, tools) {
      const connector = acme.create(config, tools) as Required<Connector>;
      return { ...connector, ...replace(connector, config, tools) };
    },
  });
}

const clientOf = ({ url, token }: Settings, { http }: Tools) =>
  http({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

/** Runs the call and passes its error on as another one. */
async function as<T>(call: () => Promise<T>, other: (error: PluginError) => PluginError): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof PluginError ? other(error) : error;
  }
}

const settingsFaults: Disobedience[] = [
  {
    does: "has a name with capitals",
    caught: "the name is in kebab-case",
    define: (acme) => ({ ...acme, name: "AcmeDesk" }),
  },
  {
    does: "accepts settings that do not exist",
    caught: "a setting that does not exist is refused",
    define: (acme) => ({ ...acme, config: acme.config.loose() }),
  },
  {
    does: "makes up the token",
    caught: "a setting that is missing is refused by its name",
    define: (acme) => ({
      ...acme,
      // The schema asks for a token, and yet any object passes.
      config: acme.config.catch({ url: "http://x", token: "t", account: "connector", webhookSecret: "s" }),
    }),
  },
  {
    does: "does not mark its token as secret",
    caught: "tokens, passwords and secrets are marked as secret",
    define: (acme) => ({ ...acme, config: acme.config.extend({ token: z.string().describe("Token") }) }),
  },
  {
    does: "leaves a setting unexplained",
    caught: "every setting says what it is",
    define: (acme) => ({ ...acme, config: acme.config.extend({ depth: z.number().optional() }) }),
  },
  {
    does: "declares look-ups and has none",
    caught: "what it declares and what it can do agree",
    define: (acme) => ({
      ...acme,
      create(config: Settings, tools) {
        const { findComment: _, ...rest } = acme.create(config, tools);
        return rest;
      },
    }),
  },
];

const writingFaults: Disobedience[] = [
  {
    does: "makes a contact at every upsert",
    caught: "P02: upserting a person twice leaves one contact",
    define: changed((_, config, tools) => ({
      async upsertContact({ externalId }, { name }) {
        const json = { externalId, name };
        const answer = await clientOf(config, tools).request({
          method: "POST",
          path: "/contacts",
          json,
          what: "x",
        });
        return z.object({ id: z.string() }).parse(answer.json());
      },
    })),
  },
  {
    does: "never changes a contact",
    caught: "an upsert brings the name up to date",
    define: changed((connector) => {
      const known = new Map<string, ReturnType<Connector["upsertContact"]>>();
      return {
        upsertContact(key, contact) {
          const made = known.get(key.externalId) ?? connector.upsertContact(key, contact);
          known.set(key.externalId, made);
          return made;
        },
      };
    }),
  },
  {
    does: "takes a person for another with a similar number",
    caught: "a person is never taken for another",
    define: changed((connector) => ({
      upsertContact: ({ externalId, ...key }, contact) =>
        connector.upsertContact({ ...key, externalId: externalId.slice(0, 22) }, contact),
    })),
  },
  {
    does: "makes tickets without our id",
    caught: "a ticket carries its subject and our id",
    define: changed((connector) => ({
      createTicket: (ticket) => connector.createTicket({ ...ticket, externalId: "none" }),
    })),
  },
  {
    does: "drops the priority of a ticket",
    caught: "a ticket's priority is never dropped without a word",
    define: changed((connector) => ({
      createTicket: ({ ticket, ...rest }) =>
        connector.createTicket({ ...rest, ticket: { subject: ticket.subject } }),
    })),
  },
  {
    does: "declares fields that tickets do not have",
    caught: "what it declares and what it can do agree",
    define: changed(({ capabilities }) => ({
      capabilities: { ...capabilities, unsupportedTicketFields: ["colour" as "tags"] },
    })),
  },
  {
    does: "takes the first ticket of a look-up",
    caught: "a look-up finds exactly our id",
    define: changed((_, config, tools) => ({
      async findTicket() {
        const answer = await clientOf(config, tools).request({
          method: "GET",
          path: "/tickets",
          what: "x",
        });
        return z.array(z.object({ id: z.string() })).parse(answer.json())[0];
      },
    })),
  },
  {
    does: "believes that a status was set",
    caught: "every status of ours can be set and is seen",
    define: changed(() => ({ updateTicket: async () => undefined })),
  },
  {
    does: "writes a comment twice",
    caught: "P10: comments appear once each, in their order",
    define: changed((connector) => ({
      async addComment(comment) {
        await connector.addComment(comment);
        return connector.addComment(comment);
      },
    })),
  },
  {
    does: "publishes internal comments",
    caught: "P19: an internal comment is hidden from the person",
    define: changed((connector) => ({
      addComment: (comment) => connector.addComment({ ...comment, visibility: "public" }),
    })),
  },
  {
    does: "calls a missing ticket a refusal",
    caught: "a comment on a missing ticket",
    define: changed((connector) => ({
      addComment: (comment) =>
        as(
          () => connector.addComment(comment),
          () => new PluginError({ kind: "rejected", operatorMessage: "no" }),
        ),
    })),
  },
  {
    does: "converts files to UTF-8",
    caught: "P16: files arrive byte for byte",
    define: changed((connector) => ({
      async addComment(comment) {
        const attachments = [];
        for (const file of comment.attachments) {
          const chunks: Buffer[] = [];
          for await (const chunk of file.open()) chunks.push(Buffer.from(chunk));
          const bytes = Buffer.from(Buffer.concat(chunks).toString("utf8"));
          attachments.push({
            ...file,
            open: () => new Blob([bytes]).stream() as unknown as NodeJS.ReadableStream,
          });
        }
        return connector.addComment({ ...comment, attachments });
      },
    })),
  },
  {
    does: "cuts long texts",
    caught: "P28: a text arrives whole: 64 KB",
    define: changed((connector) => ({
      addComment: (comment) => connector.addComment({ ...comment, body: comment.body.slice(0, 4096) }),
    })),
  },
  {
    does: "sends text as markup",
    caught: "P28: a text arrives whole: what looks like markup",
    define: changed((connector) => ({
      addComment: (comment) =>
        connector.addComment({ ...comment, body: comment.body.replace(/<[^>]*>/g, "") }),
    })),
  },
];

const rejected = (error: PluginError) =>
  new PluginError({ kind: "rejected", operatorMessage: error.operatorMessage });

const errorFaults: Disobedience[] = [
  {
    does: "takes an unclear answer for a refusal",
    caught: "every operation reports the right kind of error: 500",
    define: changed((connector) => ({
      createTicket: (ticket) => as(() => connector.createTicket(ticket), rejected),
    })),
  },
  {
    does: "takes a time-out for a server that was never reached",
    caught: "every operation reports the right kind of error: no answer in time",
    define: changed((connector) => ({
      addComment: (comment) =>
        as(
          () => connector.addComment(comment),
          () => new PluginError({ kind: "unavailable", operatorMessage: "later" }),
        ),
    })),
  },
  {
    does: "throws errors of its own",
    caught: "every operation reports the right kind of error: 401",
    define: changed((connector) => ({
      findTicket: async (externalId) =>
        connector.findTicket(externalId).catch(() => Promise.reject(new Error("no"))),
    })),
  },
  {
    does: "takes a log-in page for success",
    caught: "every operation reports the right kind of error: 200 with a page of HTML",
    define: changed((_, config, tools) => ({
      async updateTicket(id, { status }) {
        await clientOf(config, tools).request({
          method: "PUT",
          path: `/tickets/${id}`,
          json: { status },
          what: "x",
        });
      },
    })),
  },
  {
    does: "forgets after how long to try again",
    caught: "429 passes on after how long to try again",
    define: changed((connector) => ({
      addComment: (comment) =>
        as(
          () => connector.addComment(comment),
          ({ kind, operatorMessage }) => new PluginError({ kind, operatorMessage }),
        ),
    })),
  },
  {
    does: "makes up after how long to try again",
    caught: "429 whose time says nothing brings none",
    define: changed((connector) => ({
      addComment: (comment) =>
        as(
          () => connector.addComment(comment),
          ({ kind }) => new PluginError({ kind, operatorMessage: "later", retryAfterMs: 1_000 }),
        ),
    })),
  },
  {
    does: "takes half an answer for a server that was never reached",
    caught: "every operation reports the right kind of error: a body that breaks off",
    define: changed((connector) => ({
      createTicket: (ticket) =>
        as(
          () => connector.createTicket(ticket),
          ({ kind, operatorMessage }) =>
            new PluginError({ kind: kind === "ambiguous" ? "unavailable" : kind, operatorMessage }),
        ),
    })),
  },
  {
    does: "follows redirections",
    caught: "a redirection is an error of the settings",
    define: changed((_, { url, token }, { clock }) => ({
      async checkConnection() {
        const answer = await fetch(`${url}/newest`, { headers: { Authorization: `Bearer ${token}` } });
        if (answer.redirected) throw fromHttpResponse({ status: 302, headers: {} }, "x", clock.now());
        return [];
      },
    })),
  },
  {
    does: "tries again by itself",
    caught: "a plugin does not try again by itself",
    define: changed((connector) => ({
      createTicket: (ticket) => connector.createTicket(ticket).catch(() => connector.createTicket(ticket)),
    })),
  },
  {
    does: "makes a ticket and then says that it was throttled",
    caught: "P01: one ticket, whichever request fails: the server throttles",
    define: changed((connector, config, tools) => ({
      async createTicket(ticket) {
        const made = await connector.createTicket(ticket);
        await clientOf(config, tools).request({ method: "GET", path: `/tickets/${made.id}`, what: "verify" });
        return made;
      },
    })),
  },
  {
    does: "cannot find what it wrote",
    caught: "P18: one comment, whichever request fails: the connection breaks after the server worked",
    define: changed(() => ({ findComment: async () => undefined })),
  },
  {
    does: "names its token in errors",
    caught: "P31: neither secrets nor personal data",
    define: changed((connector, { token }) => ({
      addComment: (comment) =>
        as(
          () => connector.addComment(comment),
          ({ kind }) => new PluginError({ kind, operatorMessage: "failed", cause: { headers: { token } } }),
        ),
    })),
  },
  {
    does: "logs what people write",
    caught: "P31: neither secrets nor personal data",
    define: changed((connector, _, { log }) => ({
      addComment(comment) {
        log.debug("adding a comment", { body: comment.body });
        return connector.addComment(comment);
      },
    })),
  },
  {
    does: "calls home",
    caught: "requests go to the configured host and nowhere else",
    define: changed((connector) => ({
      async findTicket(externalId) {
        await fetch("http://127.0.0.1:65530/").catch(() => undefined);
        return connector.findTicket(externalId);
      },
    })),
  },
];

/** Takes for its own what it remembers to have written. */
function createMemory(connector: Required<Connector>) {
  const written = new Set<string>();
  return {
    async addComment(comment: NewComment) {
      const made = await connector.addComment(comment);
      written.add(made.id);
      return made;
    },
    mark: (event: HelpdeskEvent): HelpdeskEvent =>
      event.type === "comment.added"
        ? { ...event, author: { ...event.author, isUs: written.has(event.commentId) } }
        : event,
  };
}

const changesIn = (body: Buffer) =>
  z.object({ changes: z.array(change) }).parse(JSON.parse(body.toString())).changes;

const wayBackFaults: Disobedience[] = [
  {
    does: "accepts every webhook",
    caught: "P21: a forged webhook is refused",
    define: changed(() => ({ verifyWebhook: () => true })),
  },
  {
    does: "verifies a body that it wrote anew",
    caught: "P21: a forged webhook is refused",
    define: changed((_, config, { clock }) => ({
      verifyWebhook(request) {
        try {
          const body = Buffer.from(JSON.stringify(JSON.parse(request.body.toString())));
          return verifyWebhook({ ...request, body }, config, clock);
        } catch {
          return false;
        }
      },
    })),
  },
  {
    does: "knows a secret of its own",
    caught: "P21: a webhook signed with another secret is refused",
    define: changed((_, config, { clock }) => ({
      verifyWebhook: (request) =>
        verifyWebhook(request, { ...config, webhookSecret: "acme-webhook-secret" }, clock),
    })),
  },
  {
    does: "accepts old webhooks",
    caught: "a webhook that is captured and sent again",
    define: changed((_, config) => ({
      verifyWebhook: (request) =>
        verifyWebhook(request, config, {
          now: () => Number(request.headers["x-acme-time"] ?? 0) * 1000,
        }),
    })),
  },
  {
    does: "breaks on what it cannot read",
    caught: "P08: what cannot be read brings no event and no error",
    define: changed(() => ({
      parseWebhook: ({ body }) => changesIn(body).map((each) => toEvent(each, "connector")),
    })),
  },
  {
    does: "takes private notes for public",
    caught: "P19: a private note arrives as internal",
    define: changed((connector) => ({
      parseWebhook: async (request) =>
        (await connector.parseWebhook(request)).map((event) =>
          event.type === "comment.added" ? { ...event, visibility: "public" } : event,
        ),
    })),
  },
  {
    does: "takes polled private notes for public",
    caught: "P19: polling brings a private note as internal",
    define: changed((connector) => ({
      async listChanges(cursor) {
        const { events, ...rest } = await connector.listChanges(cursor);
        const open = { visibility: "public" } as const;
        return {
          ...rest,
          events: events.map((event) => (event.type === "comment.added" ? { ...event, ...open } : event)),
        };
      },
    })),
  },
  {
    does: "takes its own writes for those of staff",
    caught: "P18: our own writes come back",
    define: changed((connector) => ({
      parseWebhook: async (request) =>
        (await connector.parseWebhook(request)).map((event) => ({
          ...event,
          author: { ...event.author, isUs: false },
        })),
    })),
  },
  {
    does: "knows its own writes only after their answer",
    caught: "our own writes are known before the answer to them arrives",
    define: changed((connector) => {
      const { addComment, mark } = createMemory(connector);
      return {
        addComment,
        parseWebhook: async (request) => (await connector.parseWebhook(request)).map(mark),
      };
    }),
  },
  {
    does: "knows its own writes only after their answer, when it polls",
    caught: "polling knows our own writes before the answer to them arrives",
    define: changed((connector) => {
      const { addComment, mark } = createMemory(connector);
      return {
        addComment,
        async listChanges(cursor) {
          const { events, ...rest } = await connector.listChanges(cursor);
          return { ...rest, events: events.map(mark) };
        },
      };
    }),
  },
  {
    does: "reads the first change of a webhook and no other",
    caught: "changes made at once arrive one by one",
    define: changed((connector) => ({
      parseWebhook: async (request) => (await connector.parseWebhook(request)).slice(0, 1),
    })),
  },
  {
    does: "gives a webhook that comes again other ids",
    caught: "a webhook that is delivered again brings the same ids",
    define: changed((connector) => {
      let count = 0;
      return {
        parseWebhook: async (request) =>
          (await connector.parseWebhook(request)).map((event) => ({ ...event, id: `${count++}` })),
      };
    }),
  },
  {
    does: "names a polled change otherwise",
    caught: "P32: a change has the same id by webhook and by polling",
    define: changed((connector) => ({
      async listChanges(cursor) {
        const { events, ...rest } = await connector.listChanges(cursor);
        return { ...rest, events: events.map((event) => ({ ...event, id: `poll/${event.id}` })) };
      },
    })),
  },
  {
    does: "begins polling with everything that ever was",
    caught: "polling without a cursor starts at now",
    define: changed((connector) => ({ listChanges: (cursor) => connector.listChanges(cursor ?? "0") })),
  },
  {
    does: "loses changes between two polls",
    caught: "P10: polling brings every change, in order, and once",
    define: changed((connector) => ({
      async listChanges(cursor) {
        const answer = await connector.listChanges(cursor);
        return answer.events.length > 1 ? { ...answer, events: answer.events.slice(1) } : answer;
      },
    })),
  },
  {
    does: "gives polled changes new ids every time",
    caught: "polling again from the same cursor brings the same ids",
    define: changed((connector) => {
      let count = 0;
      return {
        async listChanges(cursor) {
          const { events, ...rest } = await connector.listChanges(cursor);
          return { ...rest, events: events.map((event) => ({ ...event, id: `${count++}` })) };
        },
      };
    }),
  },
];

export const disobedient: Disobedience[] = [
  ...settingsFaults,
  ...writingFaults,
  ...errorFaults,
  ...wayBackFaults,
];
