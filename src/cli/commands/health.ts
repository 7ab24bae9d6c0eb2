import { Command } from "commander";

/** `deskferry health`: for container health checks, which have neither curl nor a shell. */
export function healthCommand(): Command {
  return new Command("health")
    .description("ask a running Deskferry on this machine whether it is ready")
    .option("-p, --port <port>", "where it listens", "8080")
    .action(async ({ port }: { port: string }) => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
        signal: AbortSignal.timeout(4000),
      }).catch(() => undefined);
      process.stdout.write(`${answer ? await answer.text() : "no answer"}\n`);
      process.exitCode = answer?.ok ? 0 : 1;
    });
}
