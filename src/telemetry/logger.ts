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
  const { combine, timestamp, json } = winston.format;
  const sink = winston.createLogger({
    silent: level === "silent",
    level: level === "silent" ? "error" : level,
    format: combine(timestamp(), json()),
    transports: [new winston.transports.Console()],
  });
  const write =
    (at: "debug" | "info" | "warn" | "error") => (message: string, fields?: Record<string, unknown>) => {
      sink.log(at, redactText(message), redactFields({ ...base, ...fields }));
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
