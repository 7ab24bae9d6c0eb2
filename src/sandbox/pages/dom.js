// Small builders for the page. Texts are always set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** An element with attributes (`class`, `data-…`, `on…` as listeners) and children; undefined ones are left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** What somebody wrote: its own direction and language, line breaks kept. */
export function words(text) {
  return el("p", { class: "words", dir: "auto" }, text);
}

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

export const clockTime = (at) => clockFormat.format(new Date(at));
export const dayOf = (at) => dayFormat.format(new Date(at));

/** `84 ms`, `2.1 s`. */
export function span(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const tickWords = {
  waiting: ["clock", "on its way"],
  sent: ["tick", "sent"],
  taken: ["ticks", "taken in"],
  delivered: ["ticks", "delivered"],
  read: ["ticks", "read"],
  played: ["ticks", "read"],
  failed: ["cross", "not delivered"],
};

/** The little marks for what became of a message, with words for who cannot see them. */
export function ticks(state) {
  const [shape, title] = tickWords[state] ?? tickWords.waiting;
  return el(
    "span",
    { class: "ticks", "data-state": state, title },
    icon(shape),
    el("span", { class: "unseen" }, title),
  );
}

/** Pictures side by side, each opening in full. */
export function photoGrid(photos) {
  const links = photos.map(({ url, name }) =>
    el(
      "a",
      { href: url, target: "_blank", rel: "noopener" },
      el("img", { src: url, alt: name, loading: "lazy" }),
    ),
  );
  return el("div", { class: "photos", "data-count": Math.min(photos.length, 4) }, ...links);
}

/** Keeps the end of a list in view, unless the reader has scrolled up. */
export function stickToEnd(list, change) {
  const nearEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  change();
  if (nearEnd) list.scrollTop = list.scrollHeight;
}

/** Does what a click asks for; a refusal is told at the top of the page. */
export async function act(doing) {
  try {
    await doing;
  } catch (error) {
    const live = byId("live");
    live.dataset.state = "waiting";
    live.textContent = error.message;
  }
}
