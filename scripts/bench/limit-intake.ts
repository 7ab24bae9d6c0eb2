import { createServer } from "node:http";
import { Redis } from "ioredis";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { sandbox } from "../sandbox-settings.ts";

/**
 * The physical limit of an intake: node:http, the signature, and one durable Redis write a webhook. No parsing, no
 * deduplication, no order. A process of its own; prints its port.
 */
const redis = new Redis(process.argv[2] ?? "");

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const signature = String(request.headers["x-hub-signature-256"]);
    const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    if (!verifyHmac([sandbox.appSecret], body, signature, format)) {
      response.writeHead(401).end();
      return;
    }
    redis.rpush("webhooks", body).then(
      () => response.writeHead(200, { "Content-Length": 2 }).end("ok"),
      () => response.writeHead(503, { "Content-Length": 0 }).end(),
    );
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
