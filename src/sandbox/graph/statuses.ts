import { asText, compact, type Json } from "../read.ts";
import type { CheckedMessage } from "./check-message.ts";
import { type GraphError, titleOf } from "./graph-error.ts";
import { contactOf, messagesValue } from "./payload.ts";
import type { SandboxPerson } from "./people.ts";
import type { GraphNumber } from "./settings.ts";
import { postWebhook } from "./webhooks.ts";
import { type GraphWorld, later } from "./world.ts";

/** A message on its way to a person. */
export interface Accepted {
  number: GraphNumber;
  person: SandboxPerson;
  wamid: string;
  message: CheckedMessage;
}

type State = "sent" | "delivered" | "read" | "failed";

/** Reports what becomes of an accepted message. Resolves when the send request may be answered. */
export async function reportStatuses(
  world: GraphWorld,
  accepted: Accepted,
  ownFailure: GraphError | undefined,
): Promise<void> {
  const failure = world.failures.shift() ?? ownFailure;
  if (failure)
    return later(
      world,
      world.statuses.delaysMs.sent ?? 0,
      () => void report(world, accepted, "failed", failure),
    );
  const plan = planStatuses(world);
  const first = world.statuses.beforeAnswer ? plan.shift() : undefined;
  if (first) await report(world, accepted, first.state);
  for (const { state, delayMs } of plan) later(world, delayMs, () => void report(world, accepted, state));
}

function planStatuses(world: GraphWorld): { state: State; delayMs: number }[] {
  const { delaysMs, shuffle } = world.statuses;
  const plan: { state: State; delayMs: number }[] = [];
  for (const state of ["sent", "delivered", "read"] as const) {
    const delayMs = delaysMs[state];
    if (delayMs !== undefined) plan.push({ state, delayMs });
  }
  return shuffle ? shuffled(plan, world) : plan;
}

/** Fisher-Yates over the states; the waiting times stay where they are. */
function shuffled(plan: { state: State; delayMs: number }[], world: GraphWorld) {
  const states = plan.map((each) => each.state);
  for (let last = states.length - 1; last > 0; last -= 1) {
    const other = Math.floor(world.ids.chance() * (last + 1));
    const [a, b] = [states[last], states[other]];
    if (a && b) [states[last], states[other]] = [b, a];
  }
  return plan.map((each, index) => ({ ...each, state: states[index] ?? each.state }));
}

async function report(
  world: GraphWorld,
  accepted: Accepted,
  state: State,
  failure?: GraphError,
): Promise<void> {
  const { number, person, wamid } = accepted;
  const lost = world.ids.chance() < world.statuses.lose;
  world.journal.append({
    kind: "status",
    number: number.phoneNumberId,
    person: person.key,
    wamid,
    state,
    lost,
  });
  if (lost) return;
  const status = statusOf(world, accepted, state, failure);
  // A failed status carries no contacts (status webhook reference, 2026).
  const contacts = state === "failed" ? {} : { contacts: [contactOf(person, false)] };
  const value = messagesValue(number, { ...contacts, statuses: [status] });
  const webhook = { changes: [{ wabaId: number.wabaId, field: "messages", value }], wamids: [wamid] };
  const copies = world.ids.chance() < world.statuses.double ? 2 : 1;
  await Promise.all(Array.from({ length: copies }, () => postWebhook(world, number, webhook)));
}

function statusOf(world: GraphWorld, accepted: Accepted, state: State, failure?: GraphError): Json {
  const { person, message, wamid } = accepted;
  return compact({
    id: wamid,
    status: state,
    timestamp: String(Math.floor(world.clock.now() / 1000)),
    recipient_id: person.phone?.slice(1),
    recipient_user_id: state === "failed" && person.phone ? undefined : person.userId,
    biz_opaque_callback_data: message.callbackData,
    pricing: state === "sent" || state === "delivered" ? pricingOf(message) : undefined,
    errors: failure ? [errorOf(failure)] : undefined,
  });
}

function pricingOf(message: CheckedMessage): Json {
  const category = message.template?.category.toLowerCase() ?? "service";
  const type = message.template ? "regular" : "free_customer_service";
  return { billable: Boolean(message.template), pricing_model: "PMP", type, category };
}

function errorOf(failure: GraphError): Json {
  const title = titleOf(failure.code);
  const href = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";
  const details = asText(failure.details) ?? title;
  return { code: failure.code, title, message: title, error_data: { details }, href };
}
