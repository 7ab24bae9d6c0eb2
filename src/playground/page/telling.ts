import { byId } from "./dom.ts";
import { CallError } from "./server-calls.ts";

/** How the parts of the page speak to the person. */
export interface Tell {
  /** At the top of the page, and read out. */
  say(text: string, state: "good" | "bad"): void;
  /** Does what a click or a keystroke asks for; a refusal is told. */
  act(work: () => Promise<void>): void;
}

function say(text: string, state: "good" | "bad"): void {
  const said = byId("said", HTMLParagraphElement);
  said.dataset["state"] = state;
  said.textContent = text;
}

function act(work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (!(error instanceof CallError)) throw error;
    say(error.message, "bad");
  });
}

export const tell: Tell = { say, act };
