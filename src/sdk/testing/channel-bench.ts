import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import type { Channel, ChannelDefinition, SendRequest } from "../channel.ts";
import { createHttpClient } from "../http-client.ts";
import type { ChannelHarness } from "./channel-harness.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

/** What the tests of a channel work with. */
export interface ChannelBench {
  definition: ChannelDefinition;
  harness: ChannelHarness;
  proxy: FaultProxy;
  settings: unknown;
  channel: Channel;
  /** A channel with other settings, or at another address. */
  make(settings: unknown): Channel;
  /** Whatever the channel logged. */
  logged: string[];
  /** For files. */
  folder: string;
  stop(): Promise<void>;
}

export const person = { phone: "+447700900123", name: "Canary Person" };
export const secretText = "canary text of a message";

/** A send of our own text, with callback data as Deskferry draws it. */
export function textTo(text = secretText): SendRequest {
  return { to: person, outbound: { kind: "text", text }, callbackData: "0123456789abcdef0123-0" };
}

export async function startChannelBench<S extends z.ZodType>(
  definition: ChannelDefinition<S>,
  harness: ChannelHarness,
): Promise<ChannelBench> {
  const proxy = await startFaultProxy(harness.serverUrl);
  const folder = await mkdtemp(join(tmpdir(), "deskferry-channel-"));
  const logged: string[] = [];
  const write = (message: string, fields?: Record<string, unknown>) =>
    void logged.push(JSON.stringify({ message, fields }));
  const clock = { now: Date.now };
  const make = (settings: unknown) =>
    definition.create(definition.config.parse(settings), {
      http: (options) => createHttpClient(options, clock),
      log: { debug: write, info: write, warn: write },
      clock,
    });
  const settings = harness.settings(proxy.url);
  return {
    definition: definition as unknown as ChannelDefinition,
    harness,
    proxy,
    settings,
    channel: make(settings),
    make,
    logged,
    folder,
    async stop() {
      await proxy.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
