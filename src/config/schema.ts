import { z } from "zod";
import { auditSettings } from "./audit-settings.ts";
import { connectionEntry } from "./connection-entry.ts";
import { encryptionSettings } from "./encryption-settings.ts";
import { filesSettings } from "./files-settings.ts";
import { queueSettings } from "./queue-settings.ts";
import { redisSettings } from "./redis-settings.ts";
import { retentionSettings } from "./retention-settings.ts";
import { serverSettings } from "./server-settings.ts";

/** Names of channels and connections; they become part of Redis keys, addresses and external ids. */
export const NAME = /^[a-z0-9-]{1,40}$/;

const name = z.string().regex(NAME, "use 1 to 40 of a-z, 0-9 and -");

/** What each parameter of the reply template shows. */
export const replyParameters = ["text", "ticket", "name", "agent"] as const;

const replyTemplate = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/, "use lower-case letters, digits and _ only")
    .describe("Template approved by Meta"),
  language: z.string().min(2).max(15).describe("Language code as approved, e.g. en or pt_BR"),
  parameters: z
    .array(z.enum(replyParameters))
    .max(10)
    .default(["text"])
    .describe(
      "What fills {{1}}, {{2}} …: the reply's text, the ticket's id, the person's name, the agent's name",
    ),
});

const wholeMessages = z.array(z.string().trim().min(1).max(60)).max(100).default([]);

const optOut = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      "Somebody who writes nothing but a word like STOP gets no more confirmations, and no templates",
    ),
  words: z
    .strictObject({
      stop: wholeMessages.describe("More whole messages that are an opt-out, beside those of ten languages"),
      start: wholeMessages.describe("More whole messages that end it"),
    })
    .prefault({}),
});

const undelivered = z.strictObject({
  tellAfterHours: z
    .number()
    .min(0)
    .max(720)
    .default(24)
    .describe(
      "Hours after which staff read that a message has not been delivered so far; 0: not before it is lost",
    ),
  giveUpAfterHours: z
    .number()
    .positive()
    .max(720)
    .default(720)
    .describe(
      "Hours for which WhatsApp tries to deliver a message: 30 days, or less where the templates have a message_send_ttl_seconds",
    ),
});

const route = z.strictObject({
  channel: name.describe("Name of a channel"),
  connection: name.describe("Name of a connection"),
  mapping: z.string().min(1).describe("Folder of mapping files, relative to this file"),
  reopenWithinDays: z
    .number()
    .min(0)
    .max(3650)
    .default(7)
    .describe(
      "A message this many days after the ticket was closed reopens it; later ones open a new ticket",
    ),
  replyTemplate: replyTemplate
    .optional()
    .describe(
      "Carries a reply of staff when the 24-hour window is closed; without it such a reply is not sent",
    ),
  templateLanguages: z
    .array(z.string().min(2).max(15))
    .max(20)
    .default([])
    .describe(
      "Languages that may stand in where a template is not approved in the wished one or a sister of it, the best first",
    ),
  sendNotes: z
    .enum(["problems", "templates", "all"])
    .default("templates")
    .describe(
      "Internal notes about what was sent: templates tells of each template, with reason and cost; all of every message; problems of neither. What was not sent is always told",
    ),
  atMostOnce: z
    .boolean()
    .default(false)
    .describe("After an unclear send do not try again: rather nothing than twice"),
  optOut: optOut.prefault({}),
  messagesPerComment: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe(
      "Messages of one person that wait together, as in an album or after an outage, and become one comment: this many at most. 1: each becomes its own",
    ),
  readMarks: z
    .enum(["never", "received", "on_reply"])
    .default("on_reply")
    .describe(
      "When people see blue ticks: never, as soon as their message stands in the helpdesk, or when staff reply to it",
    ),
  undelivered: undelivered.prefault({}),
});

const templates = z.strictObject({
  refreshMinutes: z
    .int()
    .min(1)
    .max(1440)
    .default(60)
    .describe("How old the stored copy of an account's templates may get; changes come by webhook besides"),
});

const media = z.strictObject({
  maxBytes: z
    .int()
    .min(0)
    .default(100 * 1024 * 1024)
    .describe(
      "Largest file carried over, both ways; larger ones are mentioned on the ticket (WhatsApp sends and takes at most 100 MiB)",
    ),
  folder: z
    .string()
    .min(1)
    .optional()
    .describe("Where files rest on their way, relative to this file; default: the system's temporary folder"),
});

const recording = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("Record, anonymised, what mapping files are given, for `deskferry map diff`"),
  maxEvents: z.int().min(1).max(1_000_000).default(10_000).describe("Most inputs kept per channel"),
  maxAgeDays: z.number().positive().max(365).default(30).describe("Older inputs are forgotten"),
  keepWords: z
    .array(z.string().min(1).max(60))
    .max(1000)
    .default([])
    .describe("Words that mappings look for; all others are replaced. Never names of people"),
});

const mappings = z.strictObject({
  watchSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(2)
    .describe(
      "How often changed mapping files are looked for; two looks that see the same put them to use if their tests pass. 0: only a restart does",
    ),
});

/** Keys of a channel that are ours; all others belong to the channel type. */
export const channelEntry = z.looseObject({
  type: z.string().min(1).describe("Channel type: meta, a path (./plugins/acme.js) or a package"),
});
/** The whole of deskferry.yaml, but for the settings of channel types and connectors. */
export const configFile = z.strictObject({
  profile: z
    .enum(["standard", "strict"])
    .default("standard")
    .describe("strict: refuses to start on settings that are not enough for health or government"),
  server: serverSettings.prefault({}),
  redis: redisSettings,
  channels: z.record(name, channelEntry).describe("Business numbers, by a name of your own"),
  connections: z.record(name, connectionEntry).describe("Helpdesk accounts, by a name of your own"),
  routes: z
    .array(route)
    .describe("Which channel's conversations go to which connection; one route a channel"),
  mappings: mappings.prefault({}),
  queue: queueSettings.prefault({}),
  templates: templates.prefault({}),
  media: media.prefault({}),
  files: filesSettings.prefault({}),
  recording: recording.prefault({}),
  audit: auditSettings.prefault({}),
  retention: retentionSettings.prefault({}),
  encryption: encryptionSettings.optional().describe("Encrypts in Redis what is personal; off without it"),
});

export interface ChannelConfig {
  type: string;
  /** Checked by the channel type's own schema. */
  settings: unknown;
}

export interface ConnectionConfig {
  use: string;
  /** Seconds. */
  pollSeconds?: number;
  /** 0 or absent: never. */
  reconcileMinutes?: number;
  callsPerMinute?: number;
  /** Checked by the connector's own schema. */
  settings: unknown;
}

/** `mapping` is an absolute path. */
export type RouteConfig = z.output<typeof route>;

/** What loadConfig returns: complete, with defaults; all references checked. */
export interface Config {
  profile: "standard" | "strict";
  server: z.output<typeof serverSettings>;
  redis: z.output<typeof redisSettings>;
  channels: Record<string, ChannelConfig>;
  connections: Record<string, ConnectionConfig>;
  routes: RouteConfig[];
  mappings: z.output<typeof mappings>;
  queue: z.output<typeof queueSettings>;
  templates: z.output<typeof templates>;
  /** `folder` is an absolute path. */
  media: { maxBytes: number; folder: string };
  files: z.output<typeof filesSettings>;
  recording: z.output<typeof recording>;
  audit: z.output<typeof auditSettings>;
  retention: z.output<typeof retentionSettings>;
  encryption?: z.output<typeof encryptionSettings> | undefined;
}
