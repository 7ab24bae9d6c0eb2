import { createHttpClient, type NewTicket, type TicketMessage } from "deskferry/sdk";
import { attachmentOf } from "deskferry/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import osticket from "../../connectors/osticket/index.ts";
import { API_KEY, type Osticket, type OsticketOptions, startOsticket } from "./osticket-server.ts";

const servers: Osticket[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: OsticketOptions = {}, settings: object = {}) {
  const server = await startOsticket(options);
  servers.push(server);
  const logged: string[] = [];
  const line = (message: string) => void logged.push(message);
  const clock = { now: Date.now };
  const connector = osticket.create(
    osticket.config.parse({ url: server.url, apiKey: API_KEY, ...settings }),
    {
      http: (wanted) => createHttpClient(wanted, clock),
      log: { debug: line, info: line, warn: line },
      clock,
    },
  );
  return { server, connector, logged };
}

function message(more: Partial<TicketMessage> = {}, ticket: Partial<NewTicket["ticket"]> = {}): NewTicket {
  const person = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };
  const written = { person, contact: { name: "Ann" }, body: "Hello", attachments: [], ...more };
  return { externalId: "m1", contactId: "", ticket: { subject: "Pump", ...ticket }, message: written };
}

describe("people in osTicket", () => {
  it("one person has one address, whatever is known of them", async () => {
    const { server, connector } = await start({}, { emailDomain: "wa.example.org" });
    await connector.createTicket(message());
    const userId = "US.13491208655302741918";
    await connector.createTicket(message({ person: { externalId: `whatsapp:${userId}`, userId } }));
    expect(server.tickets.map(({ fields }) => fields)).toMatchObject([
      { name: "Ann", phone: "+447700900123", email: "447700900123@wa.example.org" },
      { name: "Ann", email: "us.13491208655302741918@wa.example.org" },
    ]);
    expect(server.tickets[1]?.fields).not.toHaveProperty("phone");
  });

  it("the address that the mapping gives is used, and what has no place is told once", async () => {
    const { server, connector, logged } = await start();
    const contact = { name: "Ann", email: "ann@example.org", language: "en" };
    await connector.createTicket(message({ contact }));
    await connector.createTicket(message({ contact }));
    expect(server.tickets[0]?.fields).toMatchObject({ email: "ann@example.org" });
    expect(logged).toEqual([expect.stringContaining("language")]);
  });
});

describe("tickets in osTicket", () => {
  it("carry help topic, priority, custom fields and our id, and never an automatic answer", async () => {
    const { server, connector } = await start({}, { topic: 7, idField: "deskferry" });
    await connector.createTicket(message({}, { priority: "urgent", custom: { district: "North" } }));
    await connector.createTicket(message({}, { queue: "12" }));
    expect(server.tickets.map(({ fields }) => fields)).toMatchObject([
      { topicId: 7, priorityId: 4, district: "North", deskferry: "m1", autorespond: false, alert: true },
      { topicId: 12 },
    ]);
  });

  it("a help topic by name is left out, and told of", async () => {
    const { server, connector, logged } = await start();
    await connector.createTicket(message({}, { queue: "Street lights" }));
    expect(server.tickets[0]?.fields).not.toHaveProperty("topicId");
    expect(logged.join()).toMatch(/number only/);
  });

  it("P28: signs that osTicket strikes out, or ends a text at, stand there by their numbers", async () => {
    const { server, connector } = await start();
    await connector.createTicket(message({ body: "👍" }));
    await connector.createTicket(message({ body: "one 🫠 two 𠀀 three" }, { subject: "🔦" }));
    expect(server.tickets.map(({ body }) => body)).toEqual([
      "[U+1F44D]",
      "one [U+1FAE0] two [U+20000] three",
    ]);
    expect(server.tickets[1]?.fields["subject"]).toBe("[U+1F526]");
  });

  it("what a person writes is never taken for a data URL of HTML", async () => {
    const { server, connector } = await start();
    const body = "data:text/html,<b>bold</b>";
    await connector.createTicket(message({ body }));
    expect(server.tickets).toMatchObject([{ body, isHtml: false }]);
  });

  it("names an empty file, which a data URL cannot hold", async () => {
    const { server, connector } = await start();
    const attachments = [attachmentOf("a.png", "image/png", Buffer.alloc(0))];
    await connector.createTicket(message({ attachments }, { description: "From the form" }));
    expect(server.tickets).toMatchObject([
      { body: "From the form\n\nHello\n\n(empty file: a.png)", files: [] },
    ]);
  });
});

describe("refusals of osTicket", () => {
  it.each([400, 500] as const)(
    "an address that it does not accept, told by %i, is none to try again",
    async (invalidStatus) => {
      const { connector } = await start({ verifiesAddresses: true, invalidStatus });
      await expect(connector.createTicket(message())).rejects.toMatchObject({
        kind: "rejected",
        operatorMessage: expect.stringMatching(/address.*setup\.md/),
      });
    },
  );

  it("a ticket that it denies does not stop the others", async () => {
    const { connector } = await start({ denied: ["447700900123@whatsapp.invalid"] });
    await expect(connector.createTicket(message())).rejects.toMatchObject({ kind: "rejected", code: 403 });
  });

  it("what looks like a number, but came by another status than osTicket's, is unclear", async () => {
    const { connector } = await start({ createdStatus: 200 });
    await expect(connector.createTicket(message())).rejects.toMatchObject({ kind: "ambiguous" });
  });

  it("a key of another machine's address is refused", async () => {
    const { connector } = await start({ foreignKey: true });
    await expect(connector.createTicket(message())).rejects.toMatchObject({ kind: "auth" });
    await expect(connector.checkConnection?.()).rejects.toMatchObject({ kind: "auth" });
  });

  it("the check makes no ticket", async () => {
    const { server, connector } = await start();
    const lines = await connector.checkConnection?.();
    expect(lines?.join("\n")).toMatch(/accepts the key[\s\S]*do not come back/);
    expect([server.requests(), server.tickets]).toEqual([1, []]);
  });

  it("what cannot be done is refused without asking", async () => {
    const { server, connector } = await start();
    const { message: _, ...bare } = message();
    await expect(connector.createTicket(bare)).rejects.toMatchObject({ kind: "rejected" });
    expect(server.requests()).toBe(0);
  });
});
