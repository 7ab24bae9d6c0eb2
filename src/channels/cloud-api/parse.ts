import type { ParsedPayload } from "../../sdk/index.ts";
import { asFields, asId, asList, asText, type Fields } from "./fields.ts";
import { type Outcome, quarantine, type Reader, type Sorted, sortItem } from "./outcome.ts";
import { accountIdOf, parseAccount, parseStandbyCopy } from "./parse-account.ts";
import { parseMessage } from "./parse-message.ts";
import { parsePreference } from "./parse-preference.ts";
import { parseStatus } from "./parse-status.ts";
import { peopleOf } from "./people.ts";
import { type Payload, readPayload } from "./read-payload.ts";

const OBJECT = "whatsapp_business_account";

/**
 * Everything in a webhook's body, which may hold up to 1,000 updates of several numbers: each becomes an event or is
 * quarantined with the reason, in the order of the body. Pure and total.
 */
export function parse(body: Buffer): ParsedPayload {
  const payload = readPayload(body);
  if ("reason" in payload) return { events: [], quarantined: [payload] };
  const parsed: ParsedPayload = { events: [], quarantined: [] };
  for (const sorted of sortPayload(payload)) {
    if ("event" in sorted) parsed.events.push(sorted.event);
    else parsed.quarantined.push(sorted.quarantined);
  }
  return parsed;
}

function sortPayload(payload: Payload): Sorted[] {
  const { root } = payload;
  const entries = root["object"] === OBJECT ? asList(root["entry"]) : undefined;
  if (!entries) return [quarantine(`not a payload of ${OBJECT}`, root)];
  return entries.flatMap((entry) => sortEntry(entry, payload));
}

function sortEntry(item: unknown, payload: Payload): Sorted[] {
  const entry = asFields(item);
  const changes = asList(entry?.["changes"]);
  if (!entry || !changes) return [quarantine("entry without changes", item)];
  return changes.flatMap((change) => sortChange(change, entry, payload));
}

/** One change: its field, its value, whose it is, and what stands around it. */
interface Change {
  field: string;
  value: Fields;
  entry: Fields;
  accountId: string;
  payload: Payload;
}

function sortChange(item: unknown, entry: Fields, payload: Payload): Sorted[] {
  const field = asText(asFields(item)?.["field"]);
  const value = asFields(asFields(item)?.["value"]);
  if (!field || !value) return [quarantine("change without a field or a value", item)];
  const accountId = accountIdOf(entry, value);
  if (!accountId) return [quarantine("change that names no account", item)];
  const change = { field, value, entry, accountId, payload };
  if (field === "messages") return sortMessages(change);
  if (field === "standby") return sortStandby(change);
  if (field === "user_preferences" && value["user_preferences"] !== undefined) {
    return sortPreferences(change);
  }
  return [sortItem(value, (detail) => parseAccount(change, detail), change)];
}

/** Keys of `messages` that are read on their own, or that only repeat whose messages these are. */
const readKeys = new Set(["messaging_product", "metadata", "contacts", "messages", "statuses"]);

function sortMessages(change: Change): Sorted[] {
  const { value, accountId } = change;
  const people = peopleOf(value["contacts"]);
  const others = Object.fromEntries(Object.entries(value).filter(([key]) => !readKeys.has(key)));
  const hasOthers = Object.keys(others).length > 0;
  const hasItems = value["messages"] !== undefined || value["statuses"] !== undefined;
  if (!hasItems && !hasOthers) {
    return [quarantine("no messages, statuses or errors", value, accountId)];
  }
  if (hasItems && !asId(asFields(value["metadata"])?.["phone_number_id"])) {
    return [quarantine("messages of a number that is not named", value)];
  }
  return [
    ...sortList(change, value["messages"], (message) => parseMessage(message, people)),
    ...sortList(change, value["statuses"], (status) => parseStatus(status, people)),
    ...(hasOthers ? [sortItem(others, (detail) => parseAccount(change, detail), change)] : []),
  ];
}

function sortPreferences(change: Change): Sorted[] {
  const people = peopleOf(change.value["contacts"]);
  return sortList(change, change.value["user_preferences"], (item) => parsePreference(item, people));
}

function sortStandby(change: Change): Sorted[] {
  const standby = asFields(change.value["standby"]) ?? {};
  const people = peopleOf(standby["contacts"]);
  const sorted = [
    ...sortList(change, standby["messages"], (copy) => parseStandbyCopy("messages", copy)),
    ...sortList(change, standby["message_echoes"], (copy) => parseStandbyCopy("message_echoes", copy)),
    ...sortList(change, standby["statuses"], (status) => asStandby(parseStatus(status, people))),
  ];
  if (sorted.length > 0) return sorted;
  return [sortItem(change.value, (detail) => parseAccount(change, detail), change)];
}

function asStandby<E extends { id: string }>(outcome: Outcome<E>): Outcome<E> {
  return "event" in outcome ? { event: { ...outcome.event, id: `standby:${outcome.event.id}` } } : outcome;
}

function sortList(change: Change, items: unknown, read: Reader): Sorted[] {
  if (items === undefined) return [];
  const list = asList(items);
  if (!list) return [quarantine("something other than a list of items", items, change.accountId)];
  return list.map((item) => sortItem(item, read, change));
}
