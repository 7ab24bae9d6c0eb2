/** Small builders for the page. Texts are always set as text, never as markup. */

type Attributes = Record<string, string | boolean | undefined>;

/** An element with attributes; those that are false or undefined are left out. */
export function el<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** The element of the page with this id. Throws when the page has none of this sort. */
export function byId<T extends HTMLElement>(id: string, sort: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof sort) return found;
  throw new Error(`the page has no ${sort.name} #${id}`);
}

export function button(text: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** One of several, as radio buttons that look like one switch; arrow keys move along it. */
export function segments(
  parent: HTMLElement,
  name: string,
  { values, onChoose }: { values: string[]; onChoose: (value: string) => void },
): void {
  for (const [index, value] of values.entries()) {
    const radio = el("input", { type: "radio", name, value, checked: index === 0 });
    radio.addEventListener("change", () => onChoose(value));
    parent.append(el("label", {}, radio, el("span", { "data-value": value }, value)));
  }
}

/** `1 problem`, `3 problems`. */
export function count(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? "" : "s"}`;
}
