import { connect, type Socket } from "node:net";

/** What a server did with the requests it was given. */
export interface Load {
  /** Answers with status 200. */
  accepted: number;
  /** Any other answer. */
  refused: number;
  seconds: number;
  /** Milliseconds of each answer, in no order. */
  latencies: number[];
  /** How much of a core this process took meanwhile. */
  ownCpu: number;
}

export interface LoadOptions {
  port: number;
  /** Whole HTTP requests; each is sent once. */
  requests: Buffer[];
  connections: number;
  /** At a fixed rate; latencies then count from when a request was due. Absent: as fast as answers come. */
  perSecond?: number;
  /** Ends after so long, also when requests are left. */
  seconds: number;
  /** Told of each answer: to which of the requests, by its place among them, and when that was due (performance.now). */
  told?(index: number, status: number, due: number): void;
}

/**
 * Sends prepared requests over bare sockets, one at a time on each, because an HTTP client would cost more than the
 * server that is measured.
 */
export async function sendLoad(options: LoadOptions): Promise<Load> {
  const lines = await Promise.all(Array.from({ length: options.connections }, () => openLine(options.port)));
  const load: Load = { accepted: 0, refused: 0, seconds: 0, latencies: [], ownCpu: 0 };
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const ends = begun + options.seconds * 1000;
  let next = 0;

  /** The next request and when it is due; undefined when there is no more, or no more time. */
  function take(): { index: number; request: Buffer; due: number } | undefined {
    const index = next++;
    const request = options.requests[index];
    const due = options.perSecond ? begun + (index / options.perSecond) * 1000 : performance.now();
    return request && Math.max(due, performance.now()) < ends ? { index, request, due } : undefined;
  }
  async function work(line: Line): Promise<void> {
    for (let one = take(); one; one = take()) {
      await wait(one.due);
      const status = await line.ask(one.request);
      load.latencies.push(performance.now() - one.due);
      options.told?.(one.index, status, one.due);
      if (status === 200) load.accepted++;
      else load.refused++;
    }
  }
  await Promise.all(lines.map(work));
  load.seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  load.ownCpu = (user + system) / 1e6 / load.seconds;
  for (const line of lines) line.close();
  return load;
}

/** Timers are exact to a millisecond; who is due within the next one is sent now. */
async function wait(due: number): Promise<void> {
  const ms = Math.floor(due - performance.now());
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

interface Line {
  /** Resolves with the status once the whole answer is there. */
  ask(request: Buffer): Promise<number>;
  close(): void;
}

async function openLine(port: number): Promise<Line> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let waiting: ((status: number) => void) | undefined;
  let broken: ((error: Error) => void) | undefined;
  let isOpen = true;
  onAnswer(socket, (status) => waiting?.(status));
  const closed = () => new Error("the server closed a connection under load");
  socket.on("close", () => {
    isOpen = false;
    broken?.(closed());
  });
  socket.on("error", () => undefined);
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        // Closed between two requests: nothing would ever tell of the next one.
        if (!isOpen) return reject(closed());
        waiting = resolve;
        broken = reject;
        socket.write(request);
      }),
    close() {
      broken = undefined;
      socket.destroy();
    },
  };
}

/** Just enough of HTTP: a status, a length, a body. */
function onAnswer(socket: Socket, tell: (status: number) => void): void {
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const [, length = "0"] = /content-length: (\d+)/i.exec(text) ?? [];
    if (text.length < end + 4 + Number(length)) return;
    const status = Number(text.slice(9, 12));
    text = "";
    tell(status);
  });
}
