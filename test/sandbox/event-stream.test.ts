import { EventEmitter } from "node:events";
import type { Request, Response } from "express";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type StreamEvent, streamEvents } from "../../src/sandbox/event-stream.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function stream(asked: { lastId?: string; after?: string } = {}) {
  const listeners = new Set<(event: StreamEvent) => void>();
  const replayed: number[] = [];
  const handler = streamEvents({
    replay(after) {
      replayed.push(after);
      return [{ id: 7, data: { a: 1 } }, { data: "no id" }];
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const written: string[] = [];
  const heads: unknown[] = [];
  const response = Object.assign(new EventEmitter(), {
    writeHead: (status: number, headers: object) => heads.push([status, headers]),
    write: (part: string) => written.push(part),
  });
  const request = {
    get: (name: string) => (name === "last-event-id" ? asked.lastId : undefined),
    query: { after: asked.after },
  };
  handler(request as unknown as Request, response as unknown as Response, () => undefined);
  return { listeners, replayed, written, heads, response };
}

const before = ["retry: 1000\n\n", 'id: 7\ndata: {"a":1}\n\n', 'data: "no id"\n\n'];

test("a stream begins with what happened and goes on with what happens", () => {
  const { listeners, written, heads } = stream();
  expect(heads).toEqual([
    [200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" }],
  ]);
  expect(written).toEqual(before);
  for (const listener of listeners) listener({ id: 8, data: 2 });
  expect(written.slice(3)).toEqual(["id: 8\ndata: 2\n\n"]);
});

test("a stream in which nothing happens says so every 15 seconds, until it is closed", () => {
  const { listeners, written, response } = stream();
  vi.advanceTimersByTime(14_999);
  expect(written).toEqual(before);
  vi.advanceTimersByTime(1);
  expect(written.slice(3)).toEqual([": still here\n\n"]);
  response.emit("close");
  vi.advanceTimersByTime(60_000);
  expect([written.length, listeners.size, vi.getTimerCount()]).toEqual([4, 0, 0]);
});

test.each([
  [{}, 0],
  [{ lastId: "5" }, 5],
  [{ after: "6" }, 6],
  [{ lastId: "5", after: "6" }, 5],
  [{ lastId: "soon" }, 0],
  [{ after: "Infinity" }, 0],
])("asked with %j the stream begins after %i", (asked, after) => {
  expect(stream(asked).replayed).toEqual([after]);
});
