import type { ServerResponse } from "node:http";

/** Answers a request with JSON. A plain function of Node's: webhooks are answered without Express. */
export function answerJson(response: ServerResponse, status: number, content: object): void {
  answer(response, status, "application/json; charset=utf-8", JSON.stringify(content));
}

export function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  const bytes = Buffer.from(body);
  response.setHeader("Content-Type", contentType);
  response.setHeader("Content-Length", bytes.length);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.statusCode = status;
  response.end(bytes);
}
