import { Readable } from "node:stream";
import { promisify } from "node:util";
import { brotliDecompress, constants, unzip } from "node:zlib";
import { type AxiosAdapter, AxiosError, AxiosHeaders, type AxiosResponse } from "axios";
import type { Dispatcher } from "undici";

/** The deadline came before there was a connection: nothing was sent. undici's word for the same. */
export const NOT_CONNECTED = "UND_ERR_CONNECT_TIMEOUT";

type Answer = Pick<AxiosResponse<unknown>, "status" | "statusText" | "headers" | "data">;

/**
 * Carries axios' requests over undici, at a fraction of what axios' own way over node:http costs. `timeout` is the
 * deadline of the whole exchange, with the body, and of a stream until its last byte. Of a request it knows method,
 * absolute address, headers, body, `timeout`, `maxContentLength` and the response types text and stream; nothing is
 * followed, no proxy of the environment is asked. Rejects with the error of the connection as it is.
 */
export function undiciAdapter(dispatcher: Dispatcher): AxiosAdapter {
  return async (config) => {
    const { origin, pathname, search } = new URL(config.url ?? "");
    const { data, responseType, timeout = 0, maxContentLength: most = Number.POSITIVE_INFINITY } = config;
    const options: Dispatcher.DispatchOptions = {
      origin,
      path: `${pathname}${search}`,
      method: String(config.method).toUpperCase() as Dispatcher.HttpMethod,
      headers: { ...config.headers } as Record<string, string>,
      body: data ?? null,
    };
    const answer = await new Promise<Answer>((resolve, reject) => {
      const settle = { resolve, reject, most, timeout };
      dispatcher.dispatch(options, responseType === "stream" ? streaming(settle) : collecting(settle));
    }).catch((error: unknown) => {
      // What was to be sent may not have been touched.
      if (data instanceof Readable) data.destroy();
      throw error;
    });
    return { ...answer, config } as AxiosResponse;
  };
}

interface Settle {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  /** Bytes, before and after unpacking. */
  most: number;
  /** Milliseconds; 0 for no deadline. */
  timeout: number;
}

/** The body as a whole. */
function collecting({ resolve, reject, most, timeout }: Settle): Dispatcher.DispatchHandler {
  let head: Omit<Answer, "data"> | undefined;
  let chunks: Buffer[] = [];
  let size = 0;
  const deadline = startDeadline(timeout, reject);
  return {
    onRequestStart: deadline.begun,
    onResponseStart(_controller, status, headers, statusText = "") {
      head = { status, statusText, headers: headersOf(headers) };
      chunks = [];
    },
    onResponseData(controller, chunk) {
      size += chunk.length;
      if (size > most) controller.abort(tooLarge(most));
      else chunks.push(chunk);
    },
    async onResponseEnd() {
      try {
        const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
        const encoding = String(head?.headers["content-encoding"] ?? "");
        const plain = encoding && size > 0 ? await unpack(body, encoding, most) : body;
        if (head) resolve({ ...head, data: textOf(plain) });
      } catch (error) {
        reject(error);
      } finally {
        deadline.end();
      }
    },
    onResponseError(_controller, error) {
      deadline.end();
      reject(error);
    },
  };
}

/**
 * Bytes that are read ahead of whoever takes a body that cannot be paused: undici 7 ends the process when a server hangs up
 * on one that is (github.com/nodejs/undici/issues/5360; mended in version 8, which needs Node 22).
 */
const MOST_AHEAD = 64 * 2 ** 20;

/** Whether the connection outlives the answer: then the end of the one is not the end of the other. */
function outlived(headers: AxiosHeaders): boolean {
  const hasEnd = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  return hasEnd && /\bkeep-alive\b/i.test(String(headers["connection"] ?? ""));
}

/** The body as it comes, packed or not, its size unchecked; hardly more is read while nobody takes it. */
function streaming({ resolve, reject, timeout }: Settle): Dispatcher.DispatchHandler {
  let body: Readable | undefined;
  let canPause = false;
  const fail = (error: Error) => (body ? void body.destroy(error) : reject(error));
  const deadline = startDeadline(timeout, fail);
  return {
    onRequestStart: deadline.begun,
    onResponseStart(controller, status, headers, statusText = "") {
      if (status < 200) return;
      body = new Readable({
        read: () => controller.resume(),
        destroy(error, callback) {
          deadline.end();
          controller.abort(error ?? new AxiosError("nobody reads on", AxiosError.ERR_CANCELED));
          callback(error);
        },
      });
      // It may break before anybody takes it, who then finds it broken: nobody to hear of it would end the process.
      body.on("error", () => undefined);
      const plain = headersOf(headers);
      canPause = outlived(plain);
      resolve({ status, statusText, headers: plain, data: body });
    },
    onResponseData(controller, chunk) {
      if (!body || body.push(chunk)) return;
      if (canPause) controller.pause();
      else if (body.readableLength > MOST_AHEAD) controller.abort(tooFast());
    },
    onResponseEnd() {
      deadline.end();
      body?.push(null);
    },
    onResponseError(_controller, error) {
      deadline.end();
      fail(error);
    },
  };
}

/** Ends an exchange when its time is up, wherever it is: one that waits for a connection is never sent afterwards. */
function startDeadline(timeout: number, fail: (error: Error) => void) {
  let running: Dispatcher.DispatchController | undefined;
  let late: AxiosError | undefined;
  const timer = timeout > 0 ? setTimeout(expire, timeout).unref() : undefined;
  function expire() {
    late = new AxiosError("no whole answer in time", running ? AxiosError.ETIMEDOUT : NOT_CONNECTED);
    fail(late);
    running?.abort(late);
  }
  return {
    begun(controller: Dispatcher.DispatchController): void {
      running = controller;
      if (late) controller.abort(late);
    },
    end: () => clearTimeout(timer),
  };
}

/** Without a look at each name and value: undici has parsed them. */
function headersOf(headers: Record<string, string | string[] | undefined>): AxiosHeaders {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === "string" ? value : value.join(", ");
  }
  return Object.assign(new AxiosHeaders(), plain);
}

const whole = { finishFlush: constants.Z_SYNC_FLUSH };
const wholeOfBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH };

/** What was asked for: see `ACCEPTED_ENCODINGS`. Anything else stays as it came. */
async function unpack(body: Buffer, encoding: string, most: number): Promise<Buffer> {
  const limit = Number.isFinite(most) ? { maxOutputLength: most } : {};
  if (/^((x-)?gzip|deflate)$/i.test(encoding)) return promisify(unzip)(body, { ...whole, ...limit });
  if (/^br$/i.test(encoding)) return promisify(brotliDecompress)(body, { ...wholeOfBrotli, ...limit });
  return body;
}

export const ACCEPTED_ENCODINGS = "gzip, br";

/** Without the mark that some servers begin with. */
function textOf(body: Buffer): string {
  const text = body.toString("utf8");
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function tooFast(): AxiosError {
  return new AxiosError("the answer comes faster than it can be stored", AxiosError.ERR_BAD_RESPONSE);
}

function tooLarge(most: number): AxiosError {
  return new AxiosError(`the answer has more than ${most} bytes`, AxiosError.ERR_BAD_RESPONSE);
}
