import { z } from "zod";

export const serverSettings = z.strictObject({
  host: z.string().min(1).default("127.0.0.1").describe("Address to listen on; 0.0.0.0 for all"),
  port: z.int().min(0).max(65_535).default(8080).describe("Port to listen on; 0 takes a free one"),
  publicMetrics: z
    .boolean()
    .default(false)
    .describe(
      "Answer /metrics without a token although others than this machine can ask; on a loopback address none is needed",
    ),
});

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
