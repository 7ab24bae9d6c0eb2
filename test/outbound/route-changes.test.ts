import { beforeEach, describe, expect, it } from "vitest";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import { routeChanges } from "../../src/outbound/route-changes.ts";
import { createLinks, type Links } from "../../src/store/links.ts";
import { commentAdded, ticketChanged } from "../support/builders.ts";
import { openRedis, uniqueChannel, uniqueConnection } from "../support/redis.ts";

let links: Links;
let connection: string;
let other: string;
let channel: string;
const person = "0123456789abcdef0123";

beforeEach(async () => {
  const redis = await openRedis();
  links = createLinks(redis);
  connection = uniqueConnection(redis);
  other = uniqueConnection(redis);
  channel = uniqueChannel(redis);
});

const route = (...events: Parameters<typeof routeChanges>[0]) =>
  routeChanges(events, { connection, channels: new Set([channel]), links });

describe("routeChanges", () => {
  it("finds the conversation by its link, and makes the change's id the connection's own", async () => {
    await links.saveTicket({ channel, person }, connection, { id: "7", epoch: 3, status: "open" });
    const event = commentAdded({ ticket: { id: "7" } });
    expect(await route(event)).toEqual([
      {
        deliver: {
          channel,
          lane: "out",
          event: { ...event, id: `${connection}/${event.id}` },
          person: { id: person },
        },
      },
    ]);
  });

  it("finds it by the external id when the change is quicker than our link, or the link is lost", async () => {
    const externalId = ticketExternalId({ channel, person }, 1);
    const items = await route(ticketChanged({ ticket: { id: "8", externalId } }));
    expect(items).toMatchObject([{ deliver: { channel, person: { id: person } } }]);
  });

  it("ignores tickets that did not come from WhatsApp", async () => {
    const foreign = ["4711", "deskferry/", `deskferry/${channel}/../1`, "other/system/1"];
    const events = foreign.map((externalId) => commentAdded({ ticket: { id: "9", externalId } }));
    expect(await route(ticketChanged({ ticket: { id: "9" } }), ...events)).toEqual([]);
  });

  it("ignores a ticket of a channel that has no route to this connection", async () => {
    const externalId = ticketExternalId({ channel: "another", person }, 1);
    expect(await route(commentAdded({ ticket: { id: "9", externalId } }))).toEqual([]);
  });

  it("does not confuse equal ticket numbers of two connections", async () => {
    await links.saveTicket({ channel, person }, other, { id: "7", epoch: 1, status: "open" });
    expect(await route(commentAdded({ ticket: { id: "7" } }))).toEqual([]);
  });

  it("keeps the order of the changes", async () => {
    await links.saveTicket({ channel, person }, connection, { id: "7", epoch: 1, status: "open" });
    const events = Array.from({ length: 5 }, () => commentAdded({ ticket: { id: "7" } }));
    const items = await route(...events);
    expect(items.map((item) => ("deliver" in item ? item.deliver.event.id : ""))).toEqual(
      events.map(({ id }) => `${connection}/${id}`),
    );
  });
});
