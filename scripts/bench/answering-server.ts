import { createServer } from "node:http";

/** A helpdesk that costs nothing: reads a JSON body and answers 201 with a small one. Prints its port. */
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const body = JSON.stringify({ id: "4711", url: "https://helpdesk.example.org/tickets/4711" });
    response.writeHead(201, { "Content-Type": "application/json", "Content-Length": body.length }).end(body);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
