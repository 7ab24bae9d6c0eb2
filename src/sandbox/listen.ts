import type { AddressInfo } from "node:net";
import type { Express } from "express";

/** A server at work. */
export interface Listening {
  /** Without a trailing slash. */
  url: string;
  /** Breaks open connections too, so that event streams do not hold the process. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  /** 0 or absent: one that is free. */
  port?: number;
  /** Default 127.0.0.1: sandbox servers have no login. */
  host?: string;
}

/** Rejects when the port is taken. */
export function listen(app: Express, options: ListenOptions = {}): Promise<Listening> {
  const host = options.host ?? "127.0.0.1";
  return new Promise((resolve, reject) => {
    const server = app.listen(options.port ?? 0, host, (error?: Error) => {
      if (error) return reject(error);
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://${host}:${port}`, stop: () => close() });
    });
    // Node's default of 5 s makes idle keep-alive sockets of a busy test client race with the next request.
    server.keepAliveTimeout = 60_000;
    const close = () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
  });
}
