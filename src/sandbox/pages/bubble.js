// One message as it stands in the chat.

import { clockTime, el, photoGrid, ticks, words } from "./dom.js";

const typeNames = {
  text: "Text",
  image: "Photo",
  audio: "Voice note",
  video: "Video",
  document: "Document",
  sticker: "Sticker",
  location: "Place",
};

export const nameOf = (type) => typeNames[type] ?? "Message";

export function bubbleOf(entry) {
  const { message, type } = entry;
  const base = { mine: true, at: Date.parse(entry.at), state: "sent" };
  if (type === "text") return { ...base, text: message.text.body };
  if (type === "image") return { ...base, text: message.image.caption, photos: [photoOf(entry)] };
  if (type === "audio") return { ...base, voice: `/graph/media/${message.audio.id}` };
  return { ...base, text: message[type]?.caption ?? `[${typeNames[type] ?? type}]` };
}

/** What a message of the city holds: words, and a photo, a recording or another file. */
export function fileOf({ type, text, media }) {
  if (!media) return { text };
  const words = media.caption;
  const url = media.id ? `/graph/media/${media.id}` : undefined;
  if (url && type === "image") return { text: words, photos: [{ url, name: words ?? "Photo" }] };
  if (url && type === "audio") return { voice: url };
  return { text: words, file: { url, name: media.fileName ?? typeNames[type] ?? "File" } };
}

export function photoOf(entry) {
  return { url: `/graph/media/${entry.message.image.id}`, name: entry.message.image.caption ?? "Photo" };
}

export function classOf(bubble) {
  const kinds = [bubble.mine ? "mine" : "theirs"];
  if (bubble.template) kinds.push("template");
  if (bubble.photos) kinds.push("files");
  if (bubble.voice) kinds.push("voice");
  return `bubble ${kinds.join(" ")}`;
}

export function contentsOf(bubble, trail) {
  const parts = [el("span", { class: "unseen" }, bubble.mine ? "You:" : "The city:")];
  if (bubble.template) {
    parts.push(el("p", { class: "label" }, "Template", el("code", {}, bubble.template.name)));
  }
  if (bubble.photos) parts.push(photoGrid(bubble.photos));
  if (bubble.voice)
    parts.push(
      el("audio", { "aria-label": "Voice note", controls: true, preload: "metadata", src: bubble.voice }),
    );
  if (bubble.file) parts.push(fileLine(bubble.file));
  if (bubble.text) parts.push(words(bubble.text));
  if (bubble.taps) parts.push(tapList(bubble.taps));
  parts.push(el("p", { class: "meta", "aria-live": "off" }, ...metaOf(bubble, trail)));
  return parts;
}

/** A document, to be opened where it was uploaded. */
function fileLine({ url, name }) {
  const label = el("span", { dir: "auto" }, name);
  return url
    ? el("p", { class: "file" }, el("a", { href: url, target: "_blank", rel: "noopener" }, label))
    : el("p", { class: "file" }, label);
}

function tapList(taps) {
  return el("ul", { class: "taps" }, ...taps.map(({ title }) => el("li", { dir: "auto" }, title)));
}

export function metaOf(bubble, trail) {
  const ticket = ticketOf(bubble, trail);
  const arrived = ticket ? [el("span", { class: "arrived" }, `ticket ${ticket}`)] : [];
  const reaction = bubble.reaction
    ? [el("span", { class: "reaction", role: "img", "aria-label": "The city reacted" }, bubble.reaction)]
    : [];
  return [...reaction, ...arrived, clockTime(bubble.at), ticks(bubble.state)];
}

/** The ticket that holds all of the bubble's messages. */
function ticketOf(bubble, trail) {
  const comments = bubble.keys.map((key) =>
    trail.get(key)?.steps.find(({ step }) => step === "comment.added"),
  );
  const isWhole = comments.length === bubble.wamids.length && comments.every(Boolean);
  return isWhole ? comments[0]?.detail.ticket : undefined;
}
