// What the app's trace tells, event by event. A crossing is one event's way from one side to the other.

export const stations = {
  in: [
    { step: "accepted", label: "Accepted" },
    { step: "contact.ensured", label: "Contact" },
    { step: "ticket.ensured", label: "Ticket" },
    { step: "media.fetched", label: "File" },
    { step: "comment.added", label: "Comment" },
  ],
  out: [
    { step: "change.accepted", label: "Change" },
    { step: "planned", label: "Planned" },
    { step: "sent", label: "Sent" },
    { step: "delivered", label: "Delivered" },
    { step: "read", label: "Read" },
  ],
};

/** The trace names events by a digest, because Meta's ids contain phone numbers; so do we. */
export async function keyOf(eventId) {
  if (!crypto.subtle) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(eventId));
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, 20);
}

export function createTrail() {
  const crossings = new Map();
  const names = new Map();
  const listeners = new Set();
  let echoes = 0;

  function tell(crossing) {
    for (const listener of listeners) listener(crossing);
  }

  /** One entry of the trace. */
  function take(entry) {
    const crossing = crossings.get(entry.event) ?? begin(entry);
    if (!crossing) return;
    const step = entry.step === "receipt" ? receiptStep(entry.detail.state) : entry.step;
    const known = crossing.steps.find((each) => each.step === step);
    if (known) Object.assign(known.detail, entry.detail);
    else crossing.steps.push({ step, at: Date.parse(entry.at), detail: { ...entry.detail } });
    if (step === "dropped" && /^our own/.test(entry.detail.reason ?? "")) forget(crossing);
    else tell(crossing);
  }

  function begin(entry) {
    const direction = entry.step === "accepted" ? "in" : entry.step === "change.accepted" ? "out" : undefined;
    if (!direction) return undefined;
    const crossing = {
      key: entry.event,
      direction,
      type: entry.detail.type,
      steps: [],
      shown: 0,
      isEcho: false,
    };
    crossings.set(entry.event, crossing);
    return crossing;
  }

  /** The helpdesk tells us of our own writes too; recognising them is what keeps the loop from closing. */
  function forget(crossing) {
    if (!crossing.isEcho) echoes += 1;
    crossing.isEcho = true;
    tell(crossing);
  }

  return {
    take,
    /** Gives an event a name that people understand; it may come before or after its trace. */
    name(key, name) {
      if (!key) return;
      names.set(key, name);
      const crossing = crossings.get(key);
      if (crossing) tell(crossing);
    },
    nameOf: (crossing) => names.get(crossing.key) ?? fallbackNames[crossing.type] ?? "Event",
    get: (key) => crossings.get(key),
    all: () => [...crossings.values()],
    echoes: () => echoes,
    subscribe: (listener) => listeners.add(listener),
  };
}

const fallbackNames = {
  "message.received": "Message",
  "comment.added": "Comment by staff",
  "ticket.changed": "Ticket changed",
};

function receiptStep(state) {
  return state === "played" ? "read" : state === "sent" ? "sent" : state;
}

export function stepOf(crossing, step) {
  return crossing.steps.find((each) => each.step === step);
}

/** True once a change from the helpdesk is known to be more than an echo. */
export function isWorthShowing(crossing) {
  return !crossing.isEcho && (crossing.direction === "in" || crossing.steps.length > 1);
}

/** What became of what we sent: sent, delivered, read or failed. */
export function receiptOf(crossing) {
  if (!crossing) return undefined;
  return ["read", "delivered", "failed", "sent"].find((step) => stepOf(crossing, step));
}

/** How it ended, or stands: `way`, `done`, `kept` or `failed`. */
export function outcomeOf(crossing) {
  if (stepOf(crossing, "dead") || stepOf(crossing, "failed")) return "failed";
  const plan = stepOf(crossing, "planned");
  if (stepOf(crossing, "dropped") || plan?.detail.kind === "nothing") return "kept";
  return stepOf(crossing, crossing.direction === "in" ? "comment.added" : "sent") ? "done" : "way";
}

/** Milliseconds from the first step to the one that matters, once it is there. */
export function tookOf(crossing) {
  const end = stepOf(crossing, crossing.direction === "in" ? "comment.added" : "sent");
  const start = crossing.steps[0];
  return end && start ? Math.max(0, end.at - start.at) : undefined;
}

/** One sentence on a crossing, without its name. */
export function explain(crossing) {
  const dead = stepOf(crossing, "dead");
  if (dead) return `Gave up: ${dead.detail.reason ?? dead.detail.kind}. It waits as a dead letter.`;
  const dropped = stepOf(crossing, "dropped");
  if (dropped) return `Stays here: ${dropped.detail.reason}.`;
  return crossing.direction === "in" ? explainIn(crossing) : explainOut(crossing);
}

function explainIn(crossing) {
  const ticket = stepOf(crossing, "ticket.ensured")?.detail.ticket;
  const comment = stepOf(crossing, "comment.added");
  if (!comment) return ticket ? `On its way to ticket ${ticket}.` : "Taken in; Meta has its answer.";
  const missing = stepOf(crossing, "media.fetched")?.detail.missing;
  return `Comment ${comment.detail.comment ?? ""} on ticket ${ticket}${missing ? `, without its file: ${missing}` : ""}.`;
}

function explainOut(crossing) {
  const plan = stepOf(crossing, "planned");
  if (!plan) return "Taken in.";
  const { kind, template, reason } = plan.detail;
  if (kind === "nothing") return `Nothing is sent: ${reason}.`;
  if (stepOf(crossing, "failed")) return "WhatsApp could not deliver it; a note on the ticket says so.";
  return kind === "template" ? `Template ${template}: ${reason}.` : `Text: ${reason}.`;
}

/** How the five stations stand after the first `count` steps. */
export function standings(crossing, count) {
  const steps = crossing.steps.slice(0, count);
  const has = (step) => steps.find((each) => each.step === step);
  const list = stations[crossing.direction];
  const last = list.findLastIndex(({ step }) => has(step));
  const end = has("dead") ? "failed" : has("failed") ? "failed" : has("dropped") ? "stopped" : undefined;
  const quiet = has("planned")?.detail.kind === "nothing" ? "stopped" : undefined;
  return list.map(({ step, label }, index) => {
    const found = has(step);
    const isEnd = index === last;
    let state = index < last && !found ? "skipped" : found ? "done" : "ahead";
    if (isEnd && (end ?? quiet)) state = end ?? quiet;
    return { label, state, note: noteOf(step, found), index };
  });
}

function noteOf(step, found) {
  if (!found) return "";
  const { contact, ticket, comment, kind, missing } = found.detail;
  if (step === "contact.ensured") return contact ?? "";
  if (step === "ticket.ensured") return ticket ?? "";
  if (step === "comment.added") return comment ?? "";
  if (step === "planned") return kind ?? "";
  return missing ? "missing" : "";
}
