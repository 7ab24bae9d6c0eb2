import type { Plugins } from "../src/config/plugins.ts";
import {
  type Channel,
  type ChannelDefinition,
  interactiveLimits as limits,
  type MediaLimit,
  type Tools,
} from "../src/sdk/index.ts";

/** Settings that a channel of each type can be made with, so that it can be asked; nothing is ever called. */
const samples: Record<string, unknown> = {
  meta: {
    phoneNumberId: "100000000000001",
    businessAccountId: "200000000000001",
    appSecrets: ["secret"],
    verifyToken: "word",
    accessToken: "token",
  },
  dialog360: { phoneNumberId: "100000000000001", apiKey: "key", webhookSecrets: ["secret"] },
  twilio: {
    accountSid: `AC${"0".repeat(32)}`,
    authTokens: ["token"],
    number: "+442079460100",
    publicUrl: "https://desk.example.org/webhooks/channels/city",
  },
};

/** The types of files that people send most; others are not taken by WhatsApp as far as is known. */
const mimeTypes: Record<string, string> = {
  "JPEG image": "image/jpeg",
  "PNG image": "image/png",
  "WebP image": "image/webp",
  "MP4 video": "video/mp4",
  "3GPP video": "video/3gpp",
  "AAC audio": "audio/aac",
  "AMR audio": "audio/amr",
  "MP3 audio": "audio/mpeg",
  "MPEG-4 audio": "audio/mp4",
  "3GPP audio": "audio/3gpp",
  "Ogg audio (Opus)": "audio/ogg",
  PDF: "application/pdf",
  "plain text": "text/plain",
  Word: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  Excel: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  PowerPoint: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "Word up to 2003": "application/msword",
  "Excel up to 2003": "application/vnd.ms-excel",
  "PowerPoint up to 2003": "application/vnd.ms-powerpoint",
  "HEIC image": "image/heic",
  "SVG image": "image/svg+xml",
  HTML: "text/html",
  "ZIP archive": "application/zip",
};

const abilities: [what: string, has: (channel: Channel) => boolean][] = [
  ["templates", () => true],
  ["files that staff attach", ({ sends }) => sends?.has("media") ?? false],
  ["files by their address", ({ sends }) => sends?.has("media_link") ?? false],
  ["questions with answers to tap", ({ sends }) => sends?.has("interactive") ?? false],
  ["reactions", ({ sends }) => sends?.has("reaction") ?? false],
  ['read marks and "typing …"', ({ markRead }) => markRead !== undefined],
  ["`deskferry templates list` and `check`", ({ listTemplates }) => listTemplates !== undefined],
];

const tools: Tools = {
  http: () => ({ request: refuse, download: refuse }),
  log: { debug() {}, info() {}, warn() {} },
  clock: { now: () => 0 },
};

function refuse(): never {
  throw new Error("documentation is written without asking anybody");
}

/** The page docs/reference/sending.md. */
export function describeSending({ channelTypes }: Plugins): string {
  const channels = Object.values(channelTypes).map(open);
  const row = (name: string, cells: string[]) => `| ${[name, ...cells].join(" | ")} |`;
  const head = [
    row("", Object.keys(channelTypes)),
    row(
      "---",
      channels.map(() => "---"),
    ),
  ].join("\n");
  const longest = row(
    "text, characters",
    channels.map(({ maxTextLength = 4096 }) => maxTextLength.toLocaleString("en")),
  );
  const can = abilities.map(([what, has]) =>
    row(
      what,
      channels.map((channel) => (has(channel) ? "yes" : "no")),
    ),
  );
  const files = Object.entries(mimeTypes).map(([name, mimeType]) =>
    row(
      `${name} (\`${mimeType}\`)`,
      channels.map(({ mediaLimit }) => sizeOf(mediaLimit?.(mimeType))),
    ),
  );
  return `# What can be sent

<!-- Generated from what the channel types declare by \`npm run docs\`. Do not edit. -->

What a channel type cannot send it refuses before it asks the provider, with a reason. Longer texts go out as several
messages. \`meta\` lists templates when \`businessAccountId\` is set.

${head}
${[longest, ...can].join("\n")}

## Files
What a file is sent as, and how large it may be. Anything else is refused; staff read why on the ticket.

${head}
${files.join("\n")}

## Questions
Characters, where nothing else is said. Ids must differ from each other, and so must the titles of buttons.

| | at most |
| --- | --- |
${questionRows().join("\n")}
`;
}

function open(definition: ChannelDefinition): Channel {
  const { name, config, create } = definition;
  const sample = config.safeParse(samples[name]);
  if (!sample.success) throw new Error(`scripts/describe-sending.ts has no valid settings for ${name}`);
  return create(sample.data, tools);
}

function sizeOf(limit: MediaLimit | undefined): string {
  if (!limit) return "–";
  const kb = limit.maxBytes / 1024;
  return `${limit.type}, ${kb >= 1024 ? `${kb / 1024} MB` : `${kb} KB`}`;
}

function questionRows(): string[] {
  const rows: [string, number | string][] = [
    ["text (of a list)", `${limits.text} (${limits.listText})`],
    ["header, footer", limits.header],
    ["buttons", `${limits.buttons} buttons`],
    ["title of a button, also of a list's and a link's", limits.buttonTitle],
    ["id of a button", limits.buttonId],
    ["rows of a list, in all sections together", `${limits.rows} rows`],
    ["title of a row, of a section", limits.rowTitle],
    ["description of a row", limits.rowDescription],
    ["id of a row", limits.rowId],
  ];
  return rows.map(([name, most]) => `| ${name} | ${most} |`);
}
