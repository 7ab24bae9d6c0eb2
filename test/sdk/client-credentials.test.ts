import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ClientCredentials, createTokenSource, withToken } from "../../src/sdk/client-credentials.ts";
import { createHttpClient, type Tools } from "../../src/sdk/index.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";

interface Answer {
  status?: number;
  body?: unknown;
}

/** A server of tokens that answers as told, one answer after the other; the last one stays. */
async function startTokens(...answers: Answer[]) {
  const asked: { path: string; headers: Record<string, unknown>; fields: Record<string, string> }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const fields = Object.fromEntries(new URLSearchParams(body));
      asked.push({ path: request.url ?? "", headers: request.headers, fields });
      const { status = 200, body: answer = { access_token: `t${asked.length}` } } =
        (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
      response.writeHead(status).end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = createClock();
  const quiet = () => undefined;
  const tools: Tools = {
    http: (options) => createHttpClient(options, clock),
    log: { debug: quiet, info: quiet, warn: quiet },
    clock,
  };
  const sourceOf = (given: Partial<ClientCredentials> = {}) =>
    createTokenSource(
      {
        tokenUrl: `${url}/oauth/token?tenant=city`,
        clientId: "desk ferry",
        clientSecret: "s:ö",
        credentialsIn: "header",
        ...given,
      },
      tools,
    );
  return { asked, clock, tools, url, sourceOf };
}

describe("a request for a token", () => {
  it("carries the credentials in a header, encoded as in a form before they are joined", async () => {
    const { asked, sourceOf } = await startTokens();
    expect(await sourceOf().current()).toEqual({ value: "t1", answer: { access_token: "t1" } });
    const pair = Buffer.from("desk+ferry:s%3A%C3%B6").toString("base64");
    expect(asked).toEqual([
      {
        path: "/oauth/token?tenant=city",
        headers: expect.objectContaining({ authorization: `Basic ${pair}`, accept: "application/json" }),
        fields: { grant_type: "client_credentials" },
      },
    ]);
  });

  it("carries them in the body where the server wants that, with scope and audience", async () => {
    const { asked, sourceOf } = await startTokens();
    await sourceOf({ credentialsIn: "body", scope: "tickets", audience: "desk" }).current();
    expect(asked[0]?.headers).not.toHaveProperty("authorization");
    expect(asked[0]?.fields).toEqual({
      grant_type: "client_credentials",
      scope: "tickets",
      audience: "desk",
      client_id: "desk ferry",
      client_secret: "s:ö",
    });
  });

  it.each([
    ["invalid_client", "auth"],
    ["invalid_client_id", "auth"],
    ["invalid_client_credentials", "auth"],
    ["invalid_grant", "auth"],
    ["unauthorized_client", "auth"],
    ["inactive_user", "auth"],
    ["inactive_org", "auth"],
    ["invalid_request", "config"],
    ["invalid_scope", "config"],
    ["unsupported_grant_type", "config"],
    ["rate_limit_exceeded", "throttled"],
  ])("that is answered with %s is an error of the kind %s that names it", async (code, kind) => {
    const { sourceOf } = await startTokens({ status: 400, body: { error: code, hint: "s3cret" } });
    const failure = await failureOf(sourceOf().current());
    expect(failure).toMatchObject({ kind, code });
    expect(failure.message).toBe(`get an access token: the server refused it (${code})`);
  });

  it.each([
    ["another code", { error: "s3cret" }],
    ["a name of all objects", { error: "constructor" }],
    ["no code", { message: "s3cret" }],
    ["no JSON", "<html>s3cret"],
  ])("that is refused with %s is told by its status, and nothing of the answer is", async (_what, body) => {
    const { sourceOf } = await startTokens({ status: 400, body });
    const failure = await failureOf(sourceOf().current());
    expect(failure).toMatchObject({ code: 400 });
    expect(failure.message).toMatch(/^get an access token: /);
    expect(failure.message).not.toMatch(/s3cret|constructor/);
  });

  it.each([{}, { access_token: "" }, { access_token: 7 }])(
    "that is answered with %j is unclear: there is no token in it",
    async (body) => {
      const { sourceOf } = await startTokens({ body });
      expect(await failureOf(sourceOf().current())).toMatchObject({
        kind: "ambiguous",
        message: "get an access token: the answer holds no access_token",
      });
    },
  );

  it("that failed is made anew by whoever comes next", async () => {
    const { asked, sourceOf } = await startTokens({ status: 500 }, {});
    const source = sourceOf();
    await failureOf(source.current());
    expect((await source.current()).value).toBe("t2");
    expect(asked).toHaveLength(2);
  });
});

describe("a token", () => {
  /** Its life as the answer tells it, and how long it is used: until a minute before, or nine tenths of a short life. */
  it.each([
    [3600, 3540],
    ["3600", 3540],
    [100, 90],
    [600, 540],
    [undefined, 3540],
    ["soon", 3540],
    [-5, 3540],
  ])("that lives for %s seconds is used for %i", async (life, usedFor) => {
    const { asked, clock, sourceOf } = await startTokens({ body: { access_token: "t", expires_in: life } });
    const source = sourceOf();
    await source.current();
    clock.advance(usedFor * 1000 - 1);
    await source.current();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await source.current();
    expect(asked).toHaveLength(2);
  });

  it("is asked for once by all who come meanwhile", async () => {
    const { asked, sourceOf } = await startTokens();
    const source = sourceOf();
    const tokens = await Promise.all([source.current(), source.current(), source.current()]);
    expect(tokens.map(({ value }) => value)).toEqual(["t1", "t1", "t1"]);
    expect(asked).toHaveLength(1);
  });

  it("that was refused is not used again, a later one stays", async () => {
    const { sourceOf } = await startTokens();
    const source = sourceOf();
    const first = await source.current();
    source.refused(first);
    expect((await source.current()).value).toBe("t2");
    source.refused(first);
    expect((await source.current()).value).toBe("t2");
  });
});

describe("a client that shows a token", () => {
  async function startDesk(...statuses: number[]) {
    const shown: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      shown.push(request.headers.authorization);
      response.writeHead(statuses.shift() ?? 200).end(`${request.headers["x-own"]}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tokens = await startTokens();
    const client = withToken(createHttpClient({ baseUrl }, tokens.clock), tokens.sourceOf());
    const look = () => client.request({ method: "GET", path: "/", what: "look", headers: { "X-Own": "a" } });
    return { shown, baseUrl, client, look };
  }

  it("shows it with each request and download, beside headers of the request's own", async () => {
    const { shown, baseUrl, client, look } = await startDesk();
    expect((await look()).text).toBe("a");
    const { body } = await client.download({ url: `${baseUrl}/f`, what: "fetch", headers: { "X-Own": "b" } });
    expect(Buffer.concat(await body.toArray()).toString()).toBe("b");
    expect(shown).toEqual(["Bearer t1", "Bearer t1"]);
  });

  it("asks for a new one when one is refused, once", async () => {
    const { shown, look } = await startDesk(401);
    expect((await look()).status).toBe(200);
    expect(shown).toEqual(["Bearer t1", "Bearer t2"]);
  });

  it("gives up when the new one is refused, too, and repeats no other failure", async () => {
    const refused = await startDesk(401, 401, 200);
    expect(await failureOf(refused.look())).toMatchObject({ kind: "auth", code: 401 });
    expect(refused.shown).toHaveLength(2);
    const broken = await startDesk(500, 200);
    await failureOf(broken.look());
    expect(broken.shown).toHaveLength(1);
  });
});
