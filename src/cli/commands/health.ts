import { Command } from "commander";
import { environment } from "../../config/env.ts";
import { createVariableReader } from "../../config/variables.ts";

/** `deskferry health`: for container health checks, which have neither curl nor a shell. */
export function healthCommand(): Command {
  return new Command("health")
    .description("ask a running Deskferry on this machine whether it is ready")
    .option("-p, --port <port>", "where it listens", "8080")
    .action(async ({ port }: { port: string }) => {
      const token = createVariableReader(environment())("DESKFERRY_TOKEN");
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
        signal: AbortSignal.timeout(4000),
        headers: token ? { Authorization: `Bearer ${token}` } : {},
      }).catch(() => undefined);
      process.stdout.write(`${answer ? await answer.text() : "no answer"}\n`);
      process.exitCode = answer?.ok ? 0 : 1;
    });
}
