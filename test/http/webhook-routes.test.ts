import { request as httpRequest } from "node:http";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { HOOK_SECRET, messageBody, setUpHttp, signature, VERIFY_TOKEN } from "./http-setup.ts";

const body = messageBody();
const signed = { "x-hub-signature-256": signature(body) };
const desk = { "x-desk-signature": signature("[]", HOOK_SECRET).slice("sha256=".length) };

const cases: [string, string, string, Record<string, string>, string][] = [
  ["a signed message", "POST", "/webhooks/channels/city", signed, body],
  ["a signed message with a query", "POST", "/webhooks/channels/city?a=1&a=2&b=3", signed, body],
  ["a forged one", "POST", "/webhooks/channels/city", { "x-hub-signature-256": "sha256=00" }, body],
  ["an unknown channel", "POST", "/webhooks/channels/town", signed, body],
  ["a helpdesk's", "POST", "/webhooks/connections/desk", desk, "[]"],
  ["a helpdesk's that cannot sign", "POST", "/webhooks/connections/mute", desk, "[]"],
  ["an escaped name", "POST", "/webhooks/channels/c%69ty", signed, body],
  ["a name that cannot be read", "POST", "/webhooks/channels/%E0%A4%A", signed, body],
  ["a slash behind the name", "POST", "/webhooks/channels/city/", signed, body],
  ["a further part", "POST", "/webhooks/channels/city/more", signed, body],
  ["no name", "POST", "/webhooks/channels/", signed, body],
  ["capital letters", "POST", "/Webhooks/Channels/city", signed, body],
  ["a compressed body", "POST", "/webhooks/channels/city", { ...signed, "content-encoding": "gzip" }, body],
  ["another method", "PUT", "/webhooks/channels/city", signed, body],
  [
    "a handshake",
    "GET",
    `/webhooks/channels/city?hub.mode=subscribe&hub.verify_token=${VERIFY_TOKEN}&hub.challenge=12`,
    {},
    "",
  ],
];

interface Answered {
  status: number | undefined;
  text: string;
  type: string | undefined;
}

/** The address goes out as it is written. */
function ask(port: number, [, method, path, headers, content]: (typeof cases)[number]): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ port, host: "127.0.0.1", method, path, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode, text, type: answer.headers["content-type"] }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(content);
  });
}

describe("a webhook ahead of Express' router", () => {
  it.each(cases)("%s is answered as it is by Express", async (...one) => {
    const [, method, path, headers, content] = one;
    const ahead = setUpHttp();
    const behind = setUpHttp();
    const { port } = await ahead.start();
    const given = request(behind.app)[method.toLowerCase() as "post"](path).set(headers);
    const expected = await (content ? given.send(content) : given);
    const { status, text, type } = await ask(port, one);
    expect({ status, text, type }).toEqual({
      status: expected.status,
      text: expected.text,
      type: expected.headers["content-type"],
    });
    expect(ahead.counted).toEqual(behind.counted);
    expect(ahead.taken).toEqual(behind.taken);
    expect(ahead.changes).toEqual(behind.changes);
    expect(ahead.log).toEqual(behind.log);
  });
});
