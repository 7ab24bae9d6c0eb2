import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { startDesk } from "../../sandbox/desk/server.ts";
import { sampleTemplates } from "../../sandbox/graph/sample-templates.ts";
import { startGraph } from "../../sandbox/graph/server.ts";
import type { GraphNumber, StatusBehaviour } from "../../sandbox/graph/settings.ts";
import { readTemplates } from "../../sandbox/graph/template-control.ts";
import type { Listening } from "../../sandbox/listen.ts";

/** `deskferry emulate [graph|desk]`: the other two sides of the ferry, each a process of its own. */
export function emulateCommand(): Command {
  return new Command("emulate")
    .description("stand-ins for WhatsApp (default) and for a helpdesk, to try Deskferry without either")
    .addCommand(graphCommand(), { isDefault: true })
    .addCommand(deskCommand());
}

interface GraphCommandOptions {
  port: number;
  callback?: string;
  numbers?: string;
  phoneNumberId: string;
  wabaId: string;
  displayPhoneNumber: string;
  verifiedName: string;
  token: string;
  appSecret: string;
  verifyToken?: string;
  templates?: string;
  statuses: StatusBehaviour["delaysMs"];
  ledger?: string;
}

function graphCommand(): Command {
  return new Command("graph")
    .description("Meta's Graph API for WhatsApp, with people who write")
    .addOption(portOption())
    .option("--callback <url>", "where webhooks go")
    .option("--numbers <file>", "JSON list of business numbers, in place of the single one below")
    .option("--phone-number-id <id>", "the business number's id", "106540352242922")
    .option("--waba-id <id>", "the WhatsApp business account", "102290129340398")
    .option("--display-phone-number <number>", "as people dial it", "+44 1632 960961")
    .option("--verified-name <name>", "name of the business", "City of Example")
    .option("--token <token>", "bearer token that may send", "graph-token")
    .option("--app-secret <secret>", "signs the webhooks", "app-secret")
    .option("--verify-token <token>", "shown at the callback's set-up")
    .option("--templates <file>", "JSON list of templates as Graph lists them; a few samples if absent")
    .addOption(
      new Option("--statuses <delays>", "when statuses come, in ms; one left out never comes")
        .argParser(readDelays)
        .default({ sent: 50, delivered: 200, read: 600 }, "sent=50,delivered=200,read=600"),
    )
    .option("--ledger <file>", "also append the ledger to this file, a JSON object a line")
    .action(async (options: GraphCommandOptions) => {
      const listening = await startGraph({
        numbers: await numbersOf(options),
        templates: options.templates ? readTemplates(await readJson(options.templates)) : sampleTemplates,
        statuses: { delaysMs: options.statuses },
        port: options.port,
        ...(options.ledger ? { ledgerFile: options.ledger } : {}),
      });
      serveUntilSignal(listening);
    });
}

async function numbersOf(options: GraphCommandOptions): Promise<GraphNumber[]> {
  const {
    callback: callbackUrl,
    verifyToken,
    phoneNumberId,
    wabaId,
    displayPhoneNumber,
    verifiedName,
  } = options;
  const common = { ...(callbackUrl ? { callbackUrl } : {}), ...(verifyToken ? { verifyToken } : {}) };
  const { token: accessToken, appSecret } = options;
  const single = {
    phoneNumberId,
    wabaId,
    displayPhoneNumber,
    verifiedName,
    accessToken,
    appSecret,
    ...common,
  };
  if (!options.numbers) return [single];
  const given = await readJson(options.numbers);
  if (!Array.isArray(given)) throw new Error(`${options.numbers}: must be a JSON list of business numbers`);
  return given.map((each: Partial<GraphNumber>) => ({ ...single, ...each }));
}

interface DeskCommandOptions {
  port: number;
  callback?: string;
  token: string;
  webhookSecret: string;
  externalIds: "unique" | "plain";
  lag: number;
  echoFirst: boolean;
  ticketUrl?: string;
  ledger?: string;
}

function deskCommand(): Command {
  return new Command("desk")
    .description("A small helpdesk with API, webhooks, a change feed and staff")
    .addOption(portOption())
    .option("--callback <url>", "where webhooks go")
    .option("--token <token>", "bearer token of the API account", "desk-token")
    .option("--webhook-secret <secret>", "signs the webhooks", "desk-secret")
    .addOption(
      new Option("--external-ids <mode>", "whether two records may have the same external id")
        .choices(["unique", "plain"])
        .default("plain"),
    )
    .addOption(
      new Option("--lag <ms>", "how long new records stay invisible to look-ups")
        .argParser(readCount)
        .default(0),
    )
    .option("--echo-first", "post the webhook of an API write before answering the write", false)
    .option("--ticket-url <prefix>", "start of the address where staff see a ticket")
    .option("--ledger <file>", "also append the ledger to this file, a JSON object a line")
    .action(async ({ callback, lag, ledger, ...rest }: DeskCommandOptions) => {
      const listening = await startDesk({
        ...rest,
        lagMs: lag,
        ...(callback ? { callbackUrl: callback } : {}),
        ...(ledger ? { ledgerFile: ledger } : {}),
      });
      serveUntilSignal(listening);
    });
}

function portOption(): Option {
  return new Option("--port <port>", "0 takes a free one").argParser(readCount).default(0);
}

function readCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError("Use a whole number, 0 or more.");
  return count;
}

function readDelays(value: string): StatusBehaviour["delaysMs"] {
  const delays: Record<string, number> = {};
  for (const part of value.split(",").filter(Boolean)) {
    const [state = "", ms = ""] = part.split("=");
    if (!["sent", "delivered", "read"].includes(state) || !/^\d+$/.test(ms)) {
      throw new InvalidArgumentError("Use for example sent=50,delivered=200,read=600.");
    }
    delays[state] = Number(ms);
  }
  return delays;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** One line for whoever started us; then until SIGTERM or SIGINT, which exit 0. */
function serveUntilSignal(listening: Listening): void {
  process.stdout.write(`${JSON.stringify({ listening: listening.url })}\n`);
  const stop = () => void listening.stop().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
