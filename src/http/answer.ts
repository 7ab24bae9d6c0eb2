import type { ServerResponse } from "node:http";

/** Answers a request with JSON. A plain function of Node's: webhooks are answered without Express. */
export function answerJson(response: ServerResponse, status: number, content: object): void {
  answer(response, status, "application/json; charset=utf-8", JSON.stringify(content));
}

export function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "X-Content-Type-Options": "nosniff",
  });
  response.end(body);
}
