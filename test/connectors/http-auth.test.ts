import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type Tools } from "deskferry/sdk";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { authSettings } from "../../connectors/http/auth-settings.ts";
import { createAuthorised } from "../../connectors/http/authorised.ts";
import type { Settings } from "../../connectors/http/settings.ts";
import { type Asked, startAnswering } from "./home-grown-http.ts";
import { modern, startModernServer } from "./http-modern-server.ts";

const START = Date.parse("2026-11-21T12:00:00Z");
const quiet = () => undefined;

function clientOf(url: string, auth: object, now = () => START) {
  const clock = { now };
  const tools: Tools = {
    http: (options) => createHttpClient(options, clock),
    log: { debug: quiet, info: quiet, warn: quiet },
    clock,
  };
  const settings = {
    url,
    auth: authSettings.parse(auth),
    headers: { "X-Tenant": "city" },
    timeoutSeconds: 5,
  };
  return createAuthorised(settings as unknown as Settings, tools);
}

const get = { method: "GET", path: "/who", what: "ask" } as const;

describe("ways to show who we are", () => {
  const asked: Asked[] = [];
  let server: Awaited<ReturnType<typeof startAnswering>>;
  beforeAll(async () => {
    server = await startAnswering((request) => {
      asked.push(request);
      return { json: {} };
    });
  });
  afterAll(() => server.stop());

  it.each([
    ["basic", { basic: { username: "u", password: "p" } }, `Basic ${Buffer.from("u:p").toString("base64")}`],
    ["bearer", { bearer: { token: "t" } }, "Bearer t"],
    [
      "a key with a prefix",
      { apiKey: { header: "Authorization", prefix: "Token token=", value: "k" } },
      "Token token=k",
    ],
    ["nothing", {}, undefined],
  ])("%s", async (_name, auth, expected) => {
    await clientOf(server.url, auth).request(get);
    expect(asked.at(-1)?.headers.authorization).toBe(expected);
    expect(asked.at(-1)?.headers["x-tenant"]).toBe("city");
  });

  it("a key in the query, for requests and files alike", async () => {
    const client = clientOf(server.url, { apiKey: { query: "key", value: "k&k" } });
    await client.request({ ...get, query: { a: "1" } });
    expect(asked.at(-1)?.query.toString()).toBe("a=1&key=k%26k");
    const { body } = await client.download({ url: `${server.url}/file?a=1`, what: "fetch" });
    body.resume();
    expect(asked.at(-1)?.query.toString()).toBe("a=1&key=k%26k");
  });

  it.each([
    [{ basic: { username: "u", password: "p" }, bearer: { token: "t" } }, /one of basic, bearer/],
    [{ apiKey: { value: "k" } }, /either a header or a query/],
    [{ clientCertificate: { certificate: "no", key: "no" } }, /certificate in PEM/],
  ])("what contradicts itself is refused: %j", (auth, reason) => {
    expect(() => authSettings.parse(auth)).toThrow(reason);
  });
});

describe("OAuth 2 client credentials", () => {
  let server: Awaited<ReturnType<typeof startModernServer>>;
  let now = START;
  beforeAll(async () => {
    server = await startModernServer();
  });
  afterAll(() => server.stop());
  const connect = (clientSecret = modern.clientSecret) =>
    clientOf(
      `${server.url}/v1`,
      { oauth2: { tokenUrl: `${server.url}/oauth/token`, clientId: modern.clientId, clientSecret } },
      () => now,
    );
  const me = { ...get, path: "/me" } as const;

  it("asks once for many, and again a minute before the end", async () => {
    const client = connect();
    const before = server.tokensGiven();
    await Promise.all(Array.from({ length: 5 }, () => client.request(me)));
    expect(server.tokensGiven()).toBe(before + 1);
    now = START + 539_000;
    await client.request(me);
    expect(server.tokensGiven()).toBe(before + 1);
    now = START + 541_000;
    await client.request(me);
    expect(server.tokensGiven()).toBe(before + 2);
  });

  it("takes a new token after a 401, once", async () => {
    const client = connect();
    await client.request(me);
    server.withdrawTokens();
    const before = server.tokensGiven();
    expect((await client.request(me)).status).toBe(200);
    expect(server.tokensGiven()).toBe(before + 1);
  });

  it("wrong credentials are an error of authentication, without the secret", async () => {
    const failing = connect("wrong-secret").request(me);
    await expect(failing).rejects.toMatchObject({ kind: "auth" });
    await expect(failing).rejects.not.toThrow(/wrong-secret/);
  });
});

describe("a token server that refuses with 400", () => {
  it.each([
    ["wrong credentials are an error of the account", "invalid_client", "auth"],
    ["a scope that is not there is one of the settings", "invalid_scope", "config"],
    ["what RFC 6749 does not know is not repeated", "secret of somebody", "rejected"],
  ])("%s", async (_name, error, kind) => {
    const server = await startAnswering(() => ({ status: 400, json: { error } }));
    onTestFinished(() => server.stop());
    const oauth2 = { tokenUrl: `${server.url}/token`, clientId: "c", clientSecret: "s" };
    const failing = clientOf(server.url, { oauth2 }).request(get);
    await expect(failing).rejects.toMatchObject({ kind });
    await expect(failing).rejects.not.toThrow(/secret/);
  });
});

describe("mutual TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-tls-"));
  const pem = (name: string) => readFileSync(join(folder, name), "utf8");
  let server: Server;
  let url: string;

  function certificate(name: string, extra: string[]): void {
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-days",
        "2",
        "-subj",
        `/CN=${name}`,
      ]
        .concat(["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.pem`)])
        .concat(extra),
      { stdio: "ignore" },
    );
  }
  beforeAll(async () => {
    certificate("server", ["-nodes", "-addext", "subjectAltName=IP:127.0.0.1"]);
    certificate("client", ["-passout", "pass:open-me"]);
    server = createServer(
      {
        key: pem("server.key"),
        cert: pem("server.pem"),
        ca: pem("client.pem"),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_request, response) => response.end('{"hello":true}'),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(folder, { recursive: true });
  });

  it("shows the certificate, with a key that a passphrase opens", async () => {
    const [own, key, authority] = [pem("client.pem"), pem("client.key"), pem("server.pem")];
    const clientCertificate = { certificate: own, key, passphrase: "open-me", authority };
    const client = clientOf(url, { clientCertificate });
    expect((await client.request(get)).json()).toEqual({ hello: true });
    const { body } = await client.download({ url: `${url}/file`, what: "fetch" });
    expect(await body.toArray()).toHaveLength(1);
    expect(() =>
      authSettings.parse({ clientCertificate: { ...clientCertificate, passphrase: "wrong" } }),
    ).toThrow(/passphrase/);
  });

  it("without one, or with another one, the server lets nobody in", async () => {
    await expect(clientOf(url, {}).request(get)).rejects.toMatchObject({ name: "PluginError" });
    const other = { certificate: pem("server.pem"), key: pem("server.key"), authority: pem("server.pem") };
    await expect(clientOf(url, { clientCertificate: other }).request(get)).rejects.toMatchObject({
      name: "PluginError",
    });
  });
});
