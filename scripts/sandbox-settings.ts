import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the starter mappings. */
export const mappings = fileURLToPath(new URL("../mappings", import.meta.url));

/** The business number of the sandbox, and what both sides must know to trust each other. Nothing here is secret. */
export const sandbox = {
  phoneNumberId: "106540352242922",
  businessAccountId: "102290129340398",
  accessToken: "graph-token",
  appSecret: "app-secret",
  verifyToken: "verify-token",
  deskToken: "desk-token",
  webhookSecret: "desk-secret",
};

export interface SandboxSettings {
  redisUrl: string;
  /** Replicas that must hold an event before its webhook is answered; none unless said otherwise. */
  waitReplicas?: number;
  graphUrl: string;
  /** Channel and connection; their Redis keys follow from it. */
  name: string;
  /** The connection's own settings; see sandboxConnection. */
  connection: Record<string, unknown>;
  /** Folder below mappings/, or the path of another one. */
  mapping: string;
  /** Settings under `mappings:`. */
  mappings?: { watchSeconds: number };
  /** Notes about what was sent; only about problems unless said otherwise. */
  sendNotes?: string;
  messagesPerComment?: number;
  queue?: Record<string, number>;
  /** 0: any. */
  port?: number;
}

/** deskferry.yaml between the Graph emulator and a helpdesk, as JSON, which is YAML. */
export function settingsText(options: SandboxSettings): string {
  const { redisUrl, graphUrl, name, connection, mapping, sendNotes = "problems", queue = {} } = options;
  const { messagesPerComment = 1, waitReplicas = 0, port = 0 } = options;
  const { phoneNumberId, businessAccountId, accessToken, appSecret, verifyToken } = sandbox;
  const account = { phoneNumberId, businessAccountId, accessToken, verifyToken, appSecrets: [appSecret] };
  const route = {
    channel: name,
    connection: name,
    mapping: resolve(mappings, mapping),
    sendNotes,
    messagesPerComment,
    replyTemplate: { name: "staff_reply", language: "en", parameters: ["text"] },
  };
  const all = {
    server: { host: "127.0.0.1", port },
    redis: { url: redisUrl, waitReplicas },
    channels: { [name]: { type: "meta", graphUrl, ...account } },
    connections: { [name]: connection },
    routes: [route],
    queue,
    ...(options.mappings ? { mappings: options.mappings } : {}),
  };
  return JSON.stringify(all, undefined, 2);
}

/** Settings of the connection to a sandbox helpdesk. */
export function sandboxConnection(deskUrl: string): Record<string, unknown> {
  const { deskToken, webhookSecret } = sandbox;
  return { use: "sandbox", url: deskUrl, token: deskToken, webhookSecret };
}

/** Tells both sides where Deskferry listens. */
export async function pointCallbacks(
  sides: { graphUrl: string; deskUrl: string },
  appUrl: string,
  name: string,
) {
  await control(sides.graphUrl, "PUT", "/callback", { url: `${appUrl}/webhooks/channels/${name}` });
  await control(sides.deskUrl, "PUT", "/callback", { url: `${appUrl}/webhooks/connections/${name}` });
}

/** A control request to either side's /sandbox addresses; throws with the answer if refused. */
export async function control(
  base: string,
  method: string,
  address: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(`${base}/sandbox${address}`, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok)
    throw new Error(`${method} ${base}/sandbox${address}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
