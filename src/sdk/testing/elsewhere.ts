import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Another server, where nobody should come. */
export async function startElsewhere() {
  let count = 0;
  const server = createServer((_request, response) => {
    count++;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => count,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
