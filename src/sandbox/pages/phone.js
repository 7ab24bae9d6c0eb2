// The left of the page: what a person sees and does in WhatsApp.

import { act, byId, clockTime, dayOf, el, photoGrid, stickToEnd, ticks, words } from "./dom.js";
import { sendJson, toMedia } from "./streams.js";
import { keyOf } from "./trail.js";
import { albumFiles, writers } from "./writers.js";

/** Photos of one person within this time share a bubble, as WhatsApp shows albums. */
const ALBUM_MS = 6000;

const typeNames = {
  text: "Text",
  image: "Photo",
  audio: "Voice note",
  video: "Video",
  document: "Document",
  sticker: "Sticker",
  location: "Place",
};

export function createPhone({ trail, onNews }) {
  const chat = byId("chat");
  const threads = new Map();
  const byWamid = new Map();
  const people = [...writers];
  let writer = people[0];

  function threadOf(key) {
    const known = threads.get(key);
    if (known) return known;
    if (!people.some((each) => each.key === key)) {
      people.push({
        key,
        label: key.slice(-6),
        person: key.startsWith("+") ? { phone: key } : { userId: key },
      });
      drawWriters();
    }
    const thread = { bubbles: [], lastMessageAt: undefined };
    threads.set(key, thread);
    return thread;
  }

  function take(entry) {
    if (entry.kind === "message") takeMessage(entry);
    else if (entry.kind === "send") takeSend(entry);
    else if (entry.kind === "status" && !entry.lost) mark(entry.wamid, entry.state);
    else if (entry.kind === "webhook" && entry.field === "messages" && entry.status === 200) {
      for (const wamid of entry.wamids) mark(wamid, "taken");
    }
  }

  function takeMessage(entry) {
    const { message } = entry;
    const thread = threadOf(entry.person);
    const sentAt = Number(message.timestamp) * 1000;
    thread.lastMessageAt = Math.max(thread.lastMessageAt ?? 0, sentAt);
    void nameIt(entry);
    const album = entry.type === "image" ? openAlbum(thread, Date.parse(entry.at)) : undefined;
    if (album) joinAlbum(album, entry);
    else add(thread, { ...bubbleOf(entry), wamids: [entry.wamid], keys: [] });
  }

  /** Ties the message to its way on the path. */
  async function nameIt(entry) {
    const key = await keyOf(entry.wamid);
    const from = people.find((each) => each.key === entry.person)?.label;
    // First-strong isolates: a name of either direction leaves the words around it in order (Unicode UAX 9).
    trail.name(key, `${typeNames[entry.type] ?? "Message"} from \u2068${from}\u2069`);
    const bubble = byWamid.get(entry.wamid);
    if (bubble) bubble.keys.push(key);
    refresh(bubble);
  }

  function openAlbum(thread, at) {
    const last = thread.bubbles.at(-1);
    const fits = last?.photos && last.mine && last.photos.length < 4 && at - last.at < ALBUM_MS;
    return fits && !last.text ? last : undefined;
  }

  function joinAlbum(album, entry) {
    album.photos.push(photoOf(entry));
    album.text = entry.message.image.caption;
    album.wamids.push(entry.wamid);
    byWamid.set(entry.wamid, album);
    if (album.node) stickToEnd(chat, () => album.node.replaceChildren(...contentsOf(album, trail)));
  }

  function takeSend(entry) {
    const { text, template, wamid } = entry;
    const thread = threadOf(entry.person);
    add(thread, {
      mine: false,
      at: Date.parse(entry.at),
      text,
      template,
      state: "waiting",
      wamids: [wamid],
      keys: [],
    });
    if (entry.person === writer.key) onNews(entry.at);
  }

  function add(thread, bubble) {
    bubble.thread = thread;
    thread.bubbles.push(bubble);
    for (const wamid of bubble.wamids) byWamid.set(wamid, bubble);
    if (thread === threads.get(writer.key)) stickToEnd(chat, () => appendTo(chat, thread, bubble));
    drawSuggestion();
  }

  function mark(wamid, state) {
    const bubble = byWamid.get(wamid);
    const rank = ["waiting", "sent", "taken", "delivered", "read", "failed"];
    if (!bubble || rank.indexOf(state) <= rank.indexOf(bubble.state)) return;
    bubble.state = state;
    refresh(bubble);
  }

  /** Draws anew what can change under a bubble. Screen readers hear of the message once, not of every tick. */
  function refresh(bubble) {
    bubble?.node?.querySelector(".meta")?.replaceChildren(...metaOf(bubble, trail));
  }

  function appendTo(list, thread, bubble) {
    const before = thread.bubbles[thread.bubbles.indexOf(bubble) - 1];
    list.querySelector(".greeting")?.remove();
    if (!before || dayOf(before.at) !== dayOf(bubble.at))
      list.append(el("p", { class: "day" }, dayOf(bubble.at)));
    bubble.node = el("div", { class: classOf(bubble) }, ...contentsOf(bubble, trail));
    list.append(bubble.node);
  }

  function drawChat() {
    chat.replaceChildren();
    const thread = threads.get(writer.key);
    if (!thread) chat.append(el("p", { class: "greeting" }, "Write to the city as you would to a friend."));
    for (const bubble of thread?.bubbles ?? []) appendTo(chat, thread, bubble);
    chat.scrollTop = chat.scrollHeight;
    drawSuggestion();
  }

  function drawWriters() {
    const buttons = people.map((each) => {
      const choose = () => {
        writer = each;
        drawWriters();
        drawChat();
        byId("writers").querySelector("[aria-pressed=true]")?.focus();
      };
      const isChosen = String(each === writer);
      return el(
        "button",
        { type: "button", dir: "auto", "aria-pressed": isChosen, onclick: choose },
        each.label,
      );
    });
    byId("writers").replaceChildren(...buttons);
  }

  function drawSuggestion() {
    const isNew = !threads.get(writer.key) && writer.opening;
    const send = () => {
      // The button goes; a keyboard stays where one writes. A finger would only call up the screen keyboard.
      if (matchMedia("(pointer: fine)").matches) byId("text").focus();
      void write({ type: "text", text: writer.opening });
    };
    const button = isNew
      ? [el("button", { type: "button", dir: "auto", onclick: send }, writer.opening)]
      : [];
    byId("suggestions").replaceChildren(...button);
  }

  function write(...messages) {
    const delivery = messages.length > 1 ? "album" : "single";
    chat.scrollTop = chat.scrollHeight;
    return act(sendJson("POST", "/graph/messages", { person: writer.person, delivery, messages }));
  }

  trail.subscribe((crossing) => {
    for (const bubble of byWamid.values()) if (bubble.keys.includes(crossing.key)) refresh(bubble);
  });
  drawWriters();
  drawChat();
  wire(write, () => writer);
  return { take, lastMessageAt: (key) => threads.get(key)?.lastMessageAt };
}

function bubbleOf(entry) {
  const { message, type } = entry;
  const base = { mine: true, at: Date.parse(entry.at), state: "sent" };
  if (type === "text") return { ...base, text: message.text.body };
  if (type === "image") return { ...base, text: message.image.caption, photos: [photoOf(entry)] };
  if (type === "audio") return { ...base, voice: `/graph/media/${message.audio.id}` };
  return { ...base, text: message[type]?.caption ?? `[${typeNames[type] ?? type}]` };
}

function photoOf(entry) {
  return { url: `/graph/media/${entry.message.image.id}`, name: entry.message.image.caption ?? "Photo" };
}

function classOf(bubble) {
  const kinds = [bubble.mine ? "mine" : "theirs"];
  if (bubble.template) kinds.push("template");
  if (bubble.photos) kinds.push("files");
  if (bubble.voice) kinds.push("voice");
  return `bubble ${kinds.join(" ")}`;
}

function contentsOf(bubble, trail) {
  const parts = [el("span", { class: "unseen" }, bubble.mine ? "You:" : "The city:")];
  if (bubble.template) {
    parts.push(el("p", { class: "label" }, "Template", el("code", {}, bubble.template.name)));
  }
  if (bubble.photos) parts.push(photoGrid(bubble.photos));
  if (bubble.voice)
    parts.push(
      el("audio", { "aria-label": "Voice note", controls: true, preload: "metadata", src: bubble.voice }),
    );
  if (bubble.text) parts.push(words(bubble.text));
  parts.push(el("p", { class: "meta", "aria-live": "off" }, ...metaOf(bubble, trail)));
  return parts;
}

function metaOf(bubble, trail) {
  const ticket = ticketOf(bubble, trail);
  const arrived = ticket ? [el("span", { class: "arrived" }, `ticket ${ticket}`)] : [];
  return [...arrived, clockTime(bubble.at), ticks(bubble.state)];
}

/** The ticket that holds all of the bubble's messages. */
function ticketOf(bubble, trail) {
  const comments = bubble.keys.map((key) =>
    trail.get(key)?.steps.find(({ step }) => step === "comment.added"),
  );
  const isWhole = comments.length === bubble.wamids.length && comments.every(Boolean);
  return isWhole ? comments[0]?.detail.ticket : undefined;
}

function wire(write, current) {
  const text = byId("text");
  const form = byId("write");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (said === "") return;
    text.value = "";
    write({ type: "text", text: said });
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  byId("send-photo").addEventListener("click", async () => {
    const { file = "street-lamp.jpg", caption } = current().photo ?? {};
    write({ type: "image", text: caption, media: await sample(file) });
  });
  byId("send-album").addEventListener("click", async () => {
    const files = await Promise.all(albumFiles.map(sample));
    write(...files.map((media) => ({ type: "image", media })));
  });
  byId("send-voice").addEventListener("click", async () => {
    const media = await sample("voice-note.ogg");
    write({ type: "audio", media: { ...media, mimeType: "audio/ogg; codecs=opus", voice: true } });
  });
  byId("own-photo").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) write({ type: "image", media: await toMedia(file, { fileName: file.name }) });
  });
}

async function sample(file) {
  const answer = await fetch(`/samples/${file}`);
  return toMedia(await answer.blob(), { fileName: file });
}
