import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { KnownFunction } from "../protocol.ts";

/** Offers the functions that a mapping file may call, once a `$` is written; our own come first, with what they do. */
export function completion(functions: readonly KnownFunction[]): Extension {
  const options = functions.map(optionOf);
  return autocompletion({
    override: [(context) => complete(context, options)],
    icons: false,
    // Enter must not choose by surprise: the first one is marked only by an arrow key.
    selectOnOpen: false,
  });
}

function optionOf({ name, signature, about }: KnownFunction): Completion {
  const label = `$${name}`;
  return signature === undefined
    ? { label, detail: "JSONata" }
    : { label, detail: signature.slice(label.length), info: about ?? "", boost: 1 };
}

function complete(context: CompletionContext, options: Completion[]): CompletionResult | null {
  const word = context.matchBefore(/\$\w*/);
  return word ? { from: word.from, options, validFor: /^\$\w*$/ } : null;
}
