import type { Clock } from "./clock.ts";
import type { Expressions } from "./expression.ts";
import type { HttpClient, HttpClientOptions } from "./http-client.ts";

/** Log lines of a plugin. `fields` must not hold personal data; the logger redacts what it recognises. */
export interface PluginLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** All that a plugin gets from us. It never retries, sleeps, enqueues, reads env or touches Redis. */
export interface Tools {
  /** Makes the client for one server; it bounds time and size and never follows redirects. */
  http(options: HttpClientOptions): HttpClient;
  log: PluginLog;
  clock: Clock;
  /** For connectors whose settings hold JSONata; channels get none. */
  expressions?: Expressions;
}
