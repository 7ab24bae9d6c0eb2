import winston from "winston";
import { redactFields, redactText } from "./redact.ts";

/** A log line is one JSON object: level, message, timestamp and fields. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Logs to stdout as JSON; every line passes the redaction. `base` is added to each line. */
export function createLogger(level: LogLevel, base: Record<string, unknown> = {}): Logger {
  const { combine, timestamp, printf } = winston.format;
  const sink = winston.createLogger({
    silent: level === "silent",
    level: level === "silent" ? "error" : level,
    format: combine(timestamp(), printf(toLine)),
    transports: [new winston.transports.Console()],
  });
  const write =
    (at: "debug" | "info" | "warn" | "error") => (message: string, fields?: Record<string, unknown>) => {
      // One object: given apart, a message with %s in it would swallow the fields.
      const clean = spareOurs(redactFields({ ...base, ...fields }));
      sink.log({ ...clean, level: at, message: redactText(message) });
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Fields that would take the place of our own stand under another name. */
function spareOurs(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [RESERVED.has(name) ? `field_${name}` : name, value]),
  );
}

const RESERVED = new Set(["level", "message", "timestamp"]);

function toLine({ timestamp, level, message, ...fields }: winston.Logform.TransformableInfo): string {
  return JSON.stringify({ timestamp, level, message, ...fields }).replace(MISLEADING, escaped);
}

/** JSON allows these as they are, but they end lines or steer terminals: C1 controls, separators, text direction. */
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
