import {
  type Clock,
  fromHttpResponse,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  PluginError,
  type TokenSource,
} from "deskferry/sdk";
import { z } from "zod";
import { read, readValue, saved } from "./records.ts";
import { type Fault, failureOf, fault, refusalOf } from "./refusals.ts";
import type { Settings } from "./settings.ts";

/** A record to be written: the object's API name, and its fields by theirs. */
export interface NewRecord {
  type: string;
  fields: Record<string, unknown>;
}

/** Either all records were written, or none was and this is why. */
export type Saved = { ids: string[] } | { refused: Fault };

export interface Subrequest {
  method: "GET" | "PATCH";
  /** Below the version. */
  path: string;
  body?: Record<string, unknown>;
}

export interface Api {
  /** Paths are below the version. Refusals are thrown in our words. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** All or none of up to 200 records, in their order. */
  create(records: NewRecord[], what: string, headers?: Record<string, string>): Promise<Saved>;
  /** Writes the record whose field has this value, or a new one. */
  upsert(record: NewRecord, idField: string, what: string): Promise<Saved>;
  /** Several requests that count as one; throws what the first refusal among them means. */
  together(requests: Subrequest[], what: string): Promise<{ bodies: unknown[]; answer: HttpAnswer }>;
  query<T extends z.ZodType>(soql: string, row: T, what: string): Promise<z.output<T>[]>;
  /** Rows of a result that `together` brought; the pages behind it are fetched. */
  rows<T extends z.ZodType>(result: unknown, row: T, what: string): Promise<z.output<T>[]>;
  /** Bytes, below the version as well. */
  download(path: string, what: string): ReturnType<HttpClient["download"]>;
  /** Our own user, whose doings are our own. */
  ownId(): Promise<string>;
}

/** Salesforce tells by its own words what it did not do; other answers with these statuses are judged by them. */
const TOLD = [400, 403];
/** What the others of a set say when one was refused. */
const FOLLOWED = new Set(["ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"]);
const MOST_PAGES = 100;

const page = z.object({
  done: z.boolean(),
  nextRecordsUrl: z.string().nullish(),
  records: z.array(z.unknown()),
});
const composite = z.object({
  compositeResponse: z.array(z.object({ httpStatusCode: z.int(), body: z.unknown() })),
});

export function queryPath(soql: string): string {
  return `/query?q=${encodeURIComponent(soql)}`;
}

interface Account {
  tokens: TokenSource;
  clock: Clock;
  settings: Pick<Settings, "url" | "apiVersion">;
}

export function createApi(http: HttpClient, { tokens, clock, settings }: Account): Api {
  const root = `/services/data/v${settings.apiVersion}`;

  async function request(given: HttpRequest): Promise<HttpAnswer> {
    const answer = await http.request({ ...given, path: `${root}${given.path}`, accept: TOLD });
    if (TOLD.includes(answer.status)) throw refusalOf(answer, given.what, clock.now());
    return answer;
  }

  async function write(
    given: Pick<HttpRequest, "method" | "path" | "what"> & { headers?: Record<string, string> },
    records: NewRecord[],
  ): Promise<Saved> {
    const json = {
      allOrNone: true,
      records: records.map(({ type, fields }) => ({ attributes: { type }, ...fields })),
    };
    const results = read(await request({ ...given, json }), saved, given.what);
    const faults = results.filter(({ success }) => !success).flatMap(({ errors }) => errors);
    const refused = faults.find(({ code }) => !FOLLOWED.has(code)) ?? faults[0];
    if (refused) return { refused };
    const ids = results.flatMap(({ id }) => id ?? []);
    if (ids.length === records.length) return { ids };
    const operatorMessage = `${given.what}: Salesforce did not say what became of all records`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }

  async function together(requests: Subrequest[], what: string) {
    const compositeRequest = requests.map(({ path, ...rest }, index) => ({
      ...rest,
      url: `${root}${path}`,
      referenceId: `r${index}`,
    }));
    const json = { allOrNone: false, compositeRequest };
    const answer = await request({ method: "POST", path: "/composite", json, what });
    const parts = read(answer, composite, what).compositeResponse;
    for (const { httpStatusCode: status, body } of parts) {
      if (status >= 200 && status < 300) continue;
      const first = z.array(fault).safeParse(body).data?.[0];
      throw first?.code
        ? failureOf(first, what)
        : fromHttpResponse({ status, headers: {} }, what, clock.now());
    }
    if (parts.length === requests.length) return { bodies: parts.map(({ body }) => body), answer };
    const operatorMessage = `${what}: Salesforce did not answer all requests`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }

  async function rows<T extends z.ZodType>(result: unknown, row: T, what: string): Promise<z.output<T>[]> {
    const found: unknown[] = [];
    let current = readValue(result, page, what);
    for (let count = 0; count < MOST_PAGES; count++) {
      found.push(...current.records);
      if (current.done) return readValue(found, z.array(row), what);
      const path = nextPath(current.nextRecordsUrl, what);
      current = read(await request({ method: "GET", path, what }), page, what);
    }
    const operatorMessage = `${what}: more pages than expected`;
    throw new PluginError({ kind: "rejected", operatorMessage });
  }

  return {
    request,
    create: (records, what, headers) =>
      write({ method: "POST", path: "/composite/sobjects", what, ...(headers ? { headers } : {}) }, records),
    upsert: (record, idField, what) =>
      write({ method: "PATCH", path: `/composite/sobjects/${record.type}/${idField}`, what }, [record]),
    together,
    rows,
    async query(soql, row, what) {
      const answer = await request({ method: "GET", path: "/query", query: { q: soql }, what });
      return rows(answer.json(), row, what);
    },
    download: (path, what) => http.download({ url: `${settings.url}${root}${path}`, what }),
    ownId: async () => userOf((await tokens.current()).answer["id"]),
  };
}

/** Salesforce gives the next page as a path from the root. One that is none of its own is not followed. */
function nextPath(given: string | null | undefined, what: string): string {
  const path = /^\/services\/data\/v\d{2,3}\.0(\/query\/[\w-]{1,100})$/.exec(given ?? "")?.[1];
  if (path) return path;
  const operatorMessage = `${what}: the answer does not tell its next page as Salesforce writes it`;
  throw new PluginError({ kind: "ambiguous", code: "unexpected_shape", operatorMessage });
}

/** The identity URL in the answer to a token request, `…/id/<organisation>/<user>`. */
function userOf(identity: unknown): string {
  const user = typeof identity === "string" ? /\/(005\w{12,15})$/.exec(identity)?.[1] : undefined;
  if (user) return user;
  const operatorMessage = "get an access token: Salesforce does not say in it whose token it is";
  throw new PluginError({ kind: "ambiguous", code: "unexpected_shape", operatorMessage });
}

/** Ids are told with 15 characters or with 18, of which three check the others. */
export function isSameId(left: string | null | undefined, right: string): boolean {
  return left?.slice(0, 15) === right.slice(0, 15);
}
