#!/usr/bin/env node
import "./cli/heap-growth.ts";
import { createProgram } from "./cli/program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  // Errors with a remedy are for people; the stack helps only those who work on Deskferry itself.
  const text = error instanceof Error ? error.message : "unknown error";
  process.stderr.write(`deskferry: ${text}\n`);
  process.exitCode = 2;
}
