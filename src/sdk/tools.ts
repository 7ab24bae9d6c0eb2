import type { HttpClient, HttpClientOptions } from "./http-client.ts";

/** Milliseconds since 1970; frozen in tests. */
export interface Clock {
  now(): number;
}

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
}

/** A request as it came in; `body` holds the raw bytes, for signatures. */
export interface WebhookRequest {
  /** Lower-case names; repeated headers joined by ", ". */
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: Buffer;
}

/** A file on its way. `open` may be called again for another try. */
export interface Attachment {
  name: string;
  mimeType: string;
  /** Bytes. */
  size: number;
  open(): NodeJS.ReadableStream;
}
