import type { Lane } from "../../domain/lane.ts";
import type { Cipher } from "../cipher.ts";
import { fromEnvelope } from "../envelope.ts";
import { keys } from "../keys.ts";
import { letterIn } from "../letter.ts";
import type { Redis } from "../redis.ts";
import { contactFields, outboundFields, personFields, where } from "../where.ts";
import type { Holding } from "./holding.ts";

interface Tools {
  redis: Redis;
  cipher: Cipher;
}

/** What one holding says, decrypted, JSON taken apart. */
export async function readHolding(tools: Tools, holding: Holding): Promise<unknown> {
  const { redis, cipher } = tools;
  const { key, part, subject } = holding;
  const { channel } = subject;
  if (!part) return readKey(tools, holding);
  switch (part.of) {
    case "hash": {
      const text = await redis.hget(key, part.name);
      if (text === null) return null;
      if (holding.kind === "deadLetters") return letterIn(text, { channel, id: part.name }, cipher);
      return opened(cipher.decrypt(text, where.recording(channel, part.name)));
    }
    case "list": {
      if (holding.kind !== "quarantine") return opened(part.name);
      const list = key === keys.quarantine(channel) ? "quarantine" : "account";
      return opened(cipher.decrypt(part.name, where.kept(channel, list)));
    }
    case "set":
      return part.name;
    case "zset":
      return { name: part.name, score: await redis.zscore(key, part.name) };
    case "stream": {
      const [entry] = await redis.xrange(key, part.name, part.name);
      return entry && fieldsOf(entry[1]);
    }
  }
}

async function readKey({ redis, cipher }: Tools, { kind, key, subject }: Holding): Promise<unknown> {
  const { channel } = subject;
  switch (await redis.type(key)) {
    case "string": {
      const text = (await redis.get(key)) ?? "";
      const intent = key.slice(keys.reply(channel, "").length);
      return opened(kind === "replies" ? cipher.decrypt(text, where.reply(channel, intent)) : text);
    }
    case "hash":
      return decrypted(await redis.hgetall(key), { kind, key, channel }, cipher);
    case "list": {
      const [, lane, person = ""] = /:mailbox:([a-z]+):([^:]+)$/.exec(key) ?? [];
      const place = { channel, lane: lane as Lane, person };
      return (await redis.lrange(key, 0, -1)).map((raw) => fromEnvelope(raw, place, cipher).event);
    }
    default:
      // Gone since it was found; a person has no keys of other types.
      return null;
  }
}

function decrypted(
  fields: Record<string, string>,
  { kind, key, channel }: { kind: Holding["kind"]; key: string; channel: string },
  cipher: Cipher,
): Record<string, string> {
  const intent = key.slice(keys.outbound(channel, "").length);
  const hidden = {
    person: [personFields, (field: string) => where.person(channel, field)],
    contact: [contactFields, (field: string) => where.contact(channel, field)],
    outbounds: [outboundFields, (field: string) => where.outbound(channel, intent, field)],
  } as const;
  const [names, place] = kind === "person" || kind === "contact" || kind === "outbounds" ? hidden[kind] : [];
  for (const name of names ?? []) {
    const stored = fields[name];
    if (stored && place) fields[name] = cipher.decrypt(stored, place(name));
  }
  return fields;
}

function fieldsOf(flat: readonly string[]): unknown {
  if (flat.length === 2) return opened(flat[1] ?? "");
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]]] : [])));
}

function opened(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
