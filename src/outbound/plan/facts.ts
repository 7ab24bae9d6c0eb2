import type { StoppedTemplate } from "../../domain/choose-template.ts";
import type { Cost } from "../../domain/cost.ts";
import type { ConsentScope, ConsentState } from "../../domain/opt-out.ts";
import type { Outbound } from "../../domain/outbound.ts";
import type { ConfirmationRecord } from "../../domain/records.ts";
import type { TemplateInfo } from "../../domain/template.ts";
import type { SendAbility } from "../../sdk/channel.ts";

/** What somebody wants to go out. */
export type Wanted =
  /** A public reply of staff. */
  | { kind: "reply"; reply: Reply }
  /** What the mapping makes of a ticket change. */
  | { kind: "confirmation"; record: ConfirmationRecord }
  /** A file of a public reply; `canFetch`: the helpdesk hands files out. */
  | { kind: "file"; canFetch: boolean };

export interface Reply {
  text: string;
  ticket: string;
  name: string | undefined;
  agent: string | undefined;
}

/** The template that carries a staff reply when the window has closed. */
export interface ReplyTemplate {
  name: string;
  language: string;
  /** What stands in `{{1}}`, `{{2}}` …, in order. */
  parameters: ("text" | "ticket" | "name" | "agent")[];
}

/** Whether something has gone out: `unclear` until a receipt tells. */
export type Fate = "unclear" | "went_out";

/** What earlier tries of the same event have left; all absent at the first. */
export interface Earlier {
  /** The window as it was when something was begun, or as Meta has told it since: our clock is not asked again. */
  window?: "open" | "closed" | undefined;
  template?: Fate | undefined;
  /** The first message that was no template. */
  free?: Fate | undefined;
  /** How many texts have gone out, counted from the first. */
  parts: number;
}

/** Everything that a decision needs to know, as data. Times are milliseconds or ISO 8601. */
export interface Facts {
  now: number;
  /** Of the person: when they last wrote, the id of what can be reacted to, and the end of a free entry point. */
  lastMessageAt?: string | undefined;
  lastMessageId?: string | undefined;
  freeUntil?: string | undefined;
  earlier: Earlier;
  respectsOptOut: boolean;
  /** What the person asked for last, by scope; `marketing` is WhatsApp's own switch. */
  consents: Partial<Record<ConsentScope, ConsentState | undefined>>;
  channel: { maxTextLength?: number; sends?: ReadonlySet<SendAbility> };
  /** Undefined: a reply cannot be said outside the window. */
  replyTemplate: ReplyTemplate | undefined;
  /** That may stand in for a template's wished language, the best first. */
  languages: readonly string[];
  /** All versions of the wanted templates, as the account has them; undefined when that is not known. */
  templates?: readonly TemplateInfo[] | undefined;
  stopped: readonly StoppedTemplate[];
  /** Why no template goes to this person for a day. */
  held?: string | undefined;
  /** Of the channel, without templates. */
  repliesThisMonth: number;
}

/**
 * What to send, why, and what it costs; `remark` is for staff, once it has gone out, and `instead` tells what should
 * have gone out and could not. Or why nothing is sent; `tellStaff`: somebody waits for this message to go out.
 */
export type Verdict = Sending | Refusal;

export interface Sending {
  /** Empty for a file, which is brought here only once it may go out. */
  send: Outbound[];
  reason: string;
  cost: Cost;
  remark?: string;
  instead?: string;
}

export interface Refusal {
  send: [];
  reason: string;
  tellStaff: boolean;
  /** The kind of a dead letter, for what an operator can mend and replay. */
  dead?: "rejected" | "template_stopped" | "held_back";
  /** As far as we know what the account has: worth asking once more. */
  byAccount?: true;
}
