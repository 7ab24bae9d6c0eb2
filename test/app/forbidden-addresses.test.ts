import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createHttpClient, type Outbound } from "../../src/sdk/index.ts";
import { connectionIn } from "../connectors/home-grown-http.ts";
import { createClock } from "../support/clock.ts";
import { watchConnections } from "../support/connection-sensor.ts";
import {
  forbiddenNames,
  forbiddenNumbers,
  insideNames,
  insideNumbers,
  type Spelling,
} from "../support/forbidden-spellings.ts";
import { channelOf, connectorOf, startHonest } from "./forbidden-setup.ts";

const zone = vi.hoisted(() => new Map<string, string[]>());

// The system's look-up knows only our zone, so that no name is asked for outside.
vi.mock(import("node:dns"), async (original) => {
  const lookup = (name: string, _options: unknown, callback: (...args: unknown[]) => void) => {
    const found = zone.get(name);
    const error = found ? null : Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    setImmediate(() =>
      callback(
        error,
        (found ?? []).map((address) => ({ address, family: 4 })),
      ),
    );
  };
  return { ...(await original()), lookup: lookup as never };
});

let honest: Awaited<ReturnType<typeof startHonest>>;
let sensor: ReturnType<typeof watchConnections>;
let folder: string;
const ports = new Set<number>();

beforeAll(async () => {
  honest = await startHonest();
  ports.add(honest.port);
  folder = await mkdtemp(path.join(tmpdir(), "deskferry-forbidden-"));
  sensor = watchConnections(ports);
});
afterAll(async () => {
  sensor.restore();
  honest.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The host as an operator would write it into a list of hosts. */
const hostIn = (url: string) => (URL.canParse(url) ? [new URL(url).host] : []);
const target = () => ({ path: path.join(folder, "file"), maxBytes: 1000 });
const file = { id: "9", name: "a.png", mimeType: "image/png", ticketId: "7" };

type Entry = (told: string, hosts: string[]) => Promise<unknown>;

const meta = (more: Record<string, unknown>) =>
  channelOf("meta", {
    phoneNumberId: "106",
    appSecrets: ["s"],
    verifyToken: "v",
    accessToken: "t",
    graphUrl: honest.url,
    ...more,
  });
const twilio = (mediaHosts: string[]) =>
  channelOf("twilio", {
    accountSid: `AC${"0".repeat(32)}`,
    authTokens: ["t"],
    number: "+441632960961",
    publicUrl: "https://deskferry.example.org/webhooks/channels/city",
    apiUrl: honest.url,
    ...(mediaHosts.length > 0 ? { mediaHosts } : {}),
  });
const media = { id: "300", mimeType: "image/png" };

/** A file of a connector; `settings` without the hosts, which only some have. */
const fileOf =
  (name: string, settings: () => Record<string, unknown>, hasHosts = true): Entry =>
  async (_told, hosts) => {
    const fileHosts = hasHosts && hosts.length > 0 ? { fileHosts: hosts } : {};
    const connector = await connectorOf(name, { ...settings(), ...fileHosts });
    await connector.fetchAttachment?.(file, target());
  };

/** Where somebody else's server tells an address. */
const answers: Record<string, Entry> = {
  "address of a file at Meta": async (_, hosts) =>
    meta(hosts.length > 0 ? { mediaHosts: hosts } : {}).fetchMedia?.(media, target()),
  "address of a file at 360dialog": async () =>
    channelOf("dialog360", {
      phoneNumberId: "106",
      apiKey: "k",
      webhookSecrets: ["s"],
      apiUrl: honest.url,
    }).fetchMedia?.(media, target()),
  "redirection of a file at Twilio": async (_, hosts) =>
    twilio(hosts).fetchMedia?.({ ...media, id: "MM1/ME1" }, target()),
  "redirection by chatwoot": fileOf("chatwoot", () => ({
    url: honest.url,
    token: "t",
    account: 1,
    user: 1,
    inbox: 1,
    webhookSecret: "s",
  })),
  "redirection by zendesk": fileOf("zendesk", () => ({
    url: honest.url,
    email: "deskferry@example.org",
    token: "t",
    accountId: "900001",
    webhookSecret: "s",
  })),
  "address of a file at hubspot": fileOf("hubspot", () => ({ apiUrl: honest.url, token: "t" })),
  "address of a file at freshdesk": fileOf("freshdesk", () => ({ url: honest.url, apiKey: "k" })),
  "redirection by the sandbox": fileOf("sandbox", () => ({ url: honest.url, token: "t" }), false),
  "redirection by espocrm": fileOf("espocrm", () => ({ url: honest.url, apiKey: "k" }), false),
  "redirection of a plugin's download": async (told, hosts) =>
    createHttpClient({ baseUrl: honest.url }, createClock()).download({
      url: `${honest.url}/file`,
      redirectHosts: hosts,
      what: told,
    }),
  "address of a plugin's download": async (told, downloadHosts) =>
    createHttpClient({ baseUrl: honest.url, downloadHosts }, createClock()).download({
      url: told,
      what: "fetch",
    }),
  "path of a plugin's request": async (told) =>
    createHttpClient({ baseUrl: honest.url }, createClock()).request({
      method: "GET",
      path: told,
      what: "look",
    }),
  "file of a template's header": async (link) =>
    send({
      kind: "template",
      template: { name: "t", language: "en", headerMedia: { type: "image", link } },
    }),
  "file by its address": async (link) =>
    send({ kind: "media", media: { type: "image", mimeType: "image/png", source: { link } } }),
};

const send = (outbound: Outbound) =>
  meta({}).send({ to: { phone: "+447700900123" }, outbound, callbackData: "i" });

const httpDesk = (url: string, tokenUrl = `${url}/oauth/token`) => {
  const variables = { DESK_URL: honest.url, DESK_SECRET: "s", DESK_HOOK_SECRET: "s" };
  const auth = { oauth2: { tokenUrl, clientId: "deskferry", clientSecret: "s" } };
  return connectorOf("http", { ...connectionIn("test/connectors/http-modern.yaml", variables), url, auth });
};

/** Where the settings tell one, which may be on the premises: there is nothing to read at a metadata service. */
const settings: Record<string, Entry> = {
  "url of an http connection": async (told) =>
    (await httpDesk(told, `${honest.url}/oauth/token`)).listChanges?.(undefined),
  "tokenUrl of an http connection": async (told) =>
    (await httpDesk(honest.url, told)).listChanges?.(undefined),
  "url of a helpdesk": async (told) =>
    (await connectorOf("sandbox", { url: told, token: "t" })).checkConnection?.(),
  "graphUrl of a channel": async (told) => meta({ graphUrl: told }).checkConnection?.(),
};

async function attempt(entry: Entry, { url, leadsTo }: Spelling, hosts: string[]): Promise<string[]> {
  zone.clear();
  if (leadsTo && URL.canParse(url)) zone.set(new URL(url).hostname, leadsTo);
  honest.tell(url);
  sensor.forget();
  await entry(url, hosts).catch(() => undefined);
  return sensor.reached.map((address) => `${url} -> ${address}`);
}

const unnamed = () => [];
const forbidden = [...forbiddenNumbers, ...forbiddenNames];
const everything = [...forbidden, ...insideNumbers, ...insideNames];
const counts = { attempts: 0, reached: 0, entries: 0 };

async function tryAll(entry: Entry, spellings: Spelling[], hosts: (url: string) => string[]) {
  const reached: string[] = [];
  for (const spelling of spellings) reached.push(...(await attempt(entry, spelling, hosts(spelling.url))));
  counts.attempts += spellings.length;
  counts.reached += reached.length;
  return reached;
}

describe("S30: forbidden addresses, however they are written", () => {
  it.each(Object.entries(answers))("are not reached by the %s", async (name, entry) => {
    counts.entries += 1;
    const askedBefore = honest.asked();
    expect(await tryAll(entry, everything, unnamed)).toEqual([]);
    // Whoever was to tell the address was asked for it each time.
    if (name !== "address of a plugin's download")
      expect(honest.asked() - askedBefore).toBeGreaterThan(everything.length / 2);
    // The settings name the very host: a number of theirs on the premises is meant, all else is not.
    expect(await tryAll(entry, [...forbidden, ...insideNames], hostIn)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(Object.entries(settings))("are not reached by the %s", async (_, entry) => {
    counts.entries += 1;
    expect(await tryAll(entry, forbidden, unnamed)).toEqual([]);
  });

  it("are 60 and more, at every entry point", () => {
    console.log(
      `addresses: ${everything.length} spellings (${forbidden.length} of what nobody may reach), ` +
        `${counts.entries} entry points, ${counts.attempts} attempts, ${counts.reached} reached`,
    );
    expect(forbidden.length).toBeGreaterThanOrEqual(60);
    expect(counts.entries).toBe(Object.keys(answers).length + Object.keys(settings).length);
  });
});

describe("the same entry points, asked for what is allowed", () => {
  const publicName: Spelling = { url: "http://files.example.org/a", leadsTo: ["8.8.8.8"] };
  const follow = Object.keys(answers).filter(
    (name) => !/360dialog|sandbox|espocrm|path of|header|by its/.test(name),
  );

  it.each(follow)("reach a public host that the settings name: %s", async (name) => {
    const [reached] = await attempt(answers[name] as Entry, publicName, hostIn(publicName.url));
    expect(reached).toBe("http://files.example.org/a -> 8.8.8.8");
  });

  it.each(Object.keys(settings))("reach a helpdesk on the premises: %s", async (name) => {
    const desk: Spelling = { url: "http://desk.example.org", leadsTo: ["10.0.0.5"] };
    const [reached] = await attempt(settings[name] as Entry, desk, []);
    expect(reached).toBe("http://desk.example.org -> 10.0.0.5");
    expect(await attempt(settings[name] as Entry, { url: "http://10.0.0.6" }, [])).toContain(
      "http://10.0.0.6 -> 10.0.0.6",
    );
  });
});
