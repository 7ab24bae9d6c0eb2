import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { ScriptName } from "../../src/store/scripts.ts";
import { redisUrl } from "./redis.ts";

/** A way to the Redis of the tests. */
export interface Forgetful {
  url: string;
  /** Answers lost so far: 0 or 1. */
  lost(): number;
}

/** Asked behind the script: when it is answered, the script has run. */
const LAST = "and-now-the-end";
const ECHO = `*2\r\n$4\r\nECHO\r\n$${LAST.length}\r\n${LAST}\r\n`;

/**
 * On it one call of one of our scripts, counted from 1, has its effect, and the answer is lost with the connection, as when Redis is
 * killed just then. ioredis connects anew and sends again what was not answered (autoResendUnfulfilledCommands).
 */
export async function loseAnswerOf(script: ScriptName, call = 1): Promise<Forgetful> {
  const lua = readFileSync(new URL(`../../src/store/${script}.lua`, import.meta.url), "utf8");
  // ioredis sends its text the first time on each connection.
  const names = [createHash("sha1").update(lua).digest("hex"), lua.slice(0, lua.indexOf("\n"))];
  let calls = 0;
  let lost = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect({ port: Number(new URL(redisUrl()).port), host: "127.0.0.1", noDelay: true });
    let isMeant = false;
    for (const [one, other] of pairs(client, behind)) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    client.on("data", (piece) => {
      behind.write(piece);
      if (!names.some((name) => piece.includes(name)) || ++calls !== call) return;
      isMeant = true;
      behind.write(ECHO);
    });
    behind.on("data", (piece) => {
      if (!isMeant) client.write(piece);
      else if (piece.includes(LAST)) {
        lost++;
        client.resetAndDestroy();
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, lost: () => lost };
}

function pairs(client: Socket, behind: Socket): [Socket, Socket][] {
  return [
    [client, behind],
    [behind, client],
  ];
}
