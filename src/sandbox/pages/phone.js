// The left of the page: what a person sees and does in WhatsApp.

import { bubbleOf, classOf, contentsOf, fileOf, metaOf, nameOf, photoOf } from "./bubble.js";
import { act, byId, dayOf, el, stickToEnd } from "./dom.js";
import { sendJson, toMedia } from "./streams.js";
import { keyOf } from "./trail.js";
import { albumFiles, writers } from "./writers.js";

/** Photos of one person within this time share a bubble, as WhatsApp shows albums. */
const ALBUM_MS = 6000;

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
    trail.name(key, `${nameOf(entry.type)} from \u2068${from}\u2069`);
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
    if (entry.reactsTo) react(entry);
    else {
      const { template, taps, wamid } = entry;
      const base = { mine: false, at: Date.parse(entry.at), template, taps, state: "waiting" };
      add(threadOf(entry.person), { ...base, ...fileOf(entry), wamids: [wamid], keys: [] });
    }
    if (entry.person === writer.key) onNews(entry.at);
  }

  /** A reaction sits on the message that it is for; an empty one takes it back. */
  function react({ reactsTo, text }) {
    const bubble = byWamid.get(reactsTo);
    if (!bubble) return;
    bubble.reaction = text;
    refresh(bubble);
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
