import { createServer } from "node:http";

/**
 * A helpdesk that costs nothing: reads a body and answers 201 with a small one and an id of its own. `GET /counts` tells
 * how often each kind of thing was asked for. Prints its port.
 */
const counts: Record<string, number> = {};
let made = 0;
const NO_CHANGES = { changes: [], cursor: "0", more: false };

const server = createServer((request, response) => {
  const kind = request.url?.split(/[/?]/).findLast((part) => /^[a-z]+$/.test(part)) ?? "";
  const isQuestion = request.url === "/counts";
  if (!isQuestion) counts[kind] = (counts[kind] ?? 0) + 1;
  request.resume();
  request.on("end", () => {
    if (!isQuestion) made += 1;
    const record = { id: String(made), url: "https://helpdesk.example.org/tickets/4711" };
    const body = JSON.stringify(isQuestion ? counts : kind === "changes" ? NO_CHANGES : record);
    response
      .writeHead(request.method === "GET" ? 200 : 201, {
        "Content-Type": "application/json",
        "Content-Length": body.length,
      })
      .end(body);
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
