import { createHmac } from "node:crypto";
import type { Channel } from "deskferry/sdk";
import { channelConformance } from "deskferry/sdk/testing";
import dialog360 from "../../src/channels/dialog360/index.ts";
import { collectSuite } from "../sdk/collected-suite.ts";
import { cloudWebhooks, NUMBER_ID, startCloudApi } from "./providers.ts";

export type Definition = typeof dialog360;

/** A 360dialog for the conformance suite. */
export async function startDialog360() {
  const server = await startCloudApi((headers) => headers["d360-api-key"] === "api-key-of-360dialog");
  return {
    serverUrl: server.url,
    settings: (apiUrl: string) => ({
      phoneNumberId: NUMBER_ID,
      apiKey: "api-key-of-360dialog",
      webhookSecrets: ["platform-secret"],
      apiUrl,
    }),
    ...cloudWebhooks((body) => ({
      "x-360dialog-signature": createHmac("sha256", "platform-secret").update(body).digest("hex"),
    })),
    stop: server.stop,
  };
}

/** 360dialog's channel with some of its methods replaced. */
export function withChannel(change: (channel: Channel) => Partial<Channel>): Definition {
  return {
    ...dialog360,
    create(config, tools) {
      const channel = dialog360.create(config, tools);
      return { ...channel, ...change(channel) };
    },
  };
}

/** The conformance suite over such a channel, to be run as a whole. */
export function suiteFor(definition: Definition) {
  return collectSuite((runner) => channelConformance(runner, { definition, start: startDialog360 }));
}
