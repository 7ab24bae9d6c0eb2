// The right of the page: the helpdesk that staff work in.

import { act, byId, clockTime, el, icon, photoGrid, stickToEnd, ticks, words } from "./dom.js";
import { sendJson } from "./streams.js";
import { keyOf, receiptOf, stepOf } from "./trail.js";

const statusNames = {
  new: "New",
  in_progress: "In progress",
  waiting: "Waiting",
  resolved: "Resolved",
  closed: "Closed",
};
const agent = { id: "maya", name: "Maya" };
const openedAt = Date.now();

export function createDesk({ trail, connection, isWindowOpen, onNews }) {
  const contacts = new Map();
  const tickets = new Map();
  let openId;

  function take(entry) {
    const { kind, contact, ticket } = entry;
    if (kind !== "change") return;
    if (contact) contacts.set(contact.id, contact);
    if (!ticket) return;
    const known = tickets.get(ticket.id) ?? { timeline: [] };
    tickets.set(ticket.id, Object.assign(known, { ticket }));
    noteChange(known, entry);
    if (mayOpen(entry)) open(ticket.id);
    else draw(ticket.id);
  }

  /** A new ticket opens by itself, and so does the latest when the page is opened, unless an answer is being written. */
  function mayOpen({ type, at }) {
    const isOld = Date.parse(at) < openedAt;
    return !openId || ((isOld || type === "ticket.created") && byId("answer-text").value === "");
  }

  function open(id) {
    if (id !== openId) byId("comments").replaceChildren();
    openId = id;
    draw(id);
  }

  function noteChange(known, { type, comment, changes, actor, at, id }) {
    if (type === "comment.updated") edit(known, comment);
    else if (type === "comment.added") note(known, { comment, actor, at, change: id });
    else if (changes?.status) note(known, { status: changes.status.to, actor, at, change: id });
    if (type === "comment.added" && actor.kind === "api") onNews(at);
  }

  /** Adds a line to the ticket's story and gives the change its name on the path. */
  function note(known, item) {
    known.timeline.push(item);
    if (item.actor.kind === "agent") void nameIt(item);
  }

  async function nameIt(item) {
    item.key = await keyOf(`${connection}/${item.change}`);
    trail.name(item.key, nameOf(item));
  }

  function edit(known, comment) {
    const item = known.timeline.find((each) => each.comment?.id === comment.id);
    if (item) item.comment = comment;
    byId("comments").replaceChildren();
  }

  function draw(changedId) {
    drawList();
    if (changedId === openId) drawTicket();
  }

  function drawList() {
    const newestFirst = [...tickets.values()].sort((left, right) =>
      left.ticket.updated_at < right.ticket.updated_at ? 1 : -1,
    );
    const focused = document.activeElement?.closest?.("[data-ticket]")?.dataset.ticket;
    byId("tickets").replaceChildren(...newestFirst.map(({ ticket }) => ticketRow(ticket)));
    if (focused) byId("tickets").querySelector(`[data-ticket="${focused}"]`)?.focus();
  }

  function ticketRow(ticket) {
    const who = contacts.get(ticket.contact_id)?.name ?? "";
    const isOpen = ticket.id === openId;
    const attributes = {
      type: "button",
      "data-ticket": ticket.id,
      "aria-current": isOpen && "true",
      onclick: () => open(ticket.id),
    };
    return el(
      "li",
      {},
      el(
        "button",
        attributes,
        el("span", { class: "subject", dir: "auto" }, ticket.subject),
        el(
          "span",
          { class: "who" },
          el("span", { dir: "auto" }, who),
          el("span", { class: "pill", "data-status": ticket.status }, statusNames[ticket.status]),
        ),
      ),
    );
  }

  function drawTicket() {
    const shown = tickets.get(openId);
    if (!shown) return;
    const { ticket, timeline } = shown;
    const contact = contacts.get(ticket.contact_id);
    byId("no-ticket").hidden = true;
    byId("open-ticket").hidden = false;
    byId("ticket-id").textContent = `Ticket ${ticket.id} ·`;
    byId("ticket-contact").textContent = contact?.name ?? "";
    byId("ticket-subject").textContent = ticket.subject;
    drawStatuses(ticket);
    drawTimeline(timeline, contact);
    drawWindow();
  }

  function drawStatuses(ticket) {
    const box = byId("statuses");
    if (box.childElementCount === 0) box.append(...Object.entries(statusNames).map(statusButton));
    for (const button of box.children) {
      button.setAttribute("aria-pressed", String(button.dataset.status === ticket.status));
    }
  }

  function statusButton([status, label]) {
    const set = () => act(sendJson("PATCH", `/desk/tickets/${openId}`, { agent, status }));
    return el("button", { type: "button", "data-status": status, onclick: set }, label);
  }

  function drawTimeline(timeline, contact) {
    const list = byId("comments");
    const isFresh = list.childElementCount === 0;
    const items = isFresh ? timeline : timeline.filter((item) => !item.node);
    stickToEnd(list, () => {
      for (const item of items) {
        item.node = item.comment ? commentNode(item, contact, trail) : eventNode(item, trail);
        list.append(item.node);
      }
    });
    if (isFresh) list.scrollTop = list.scrollHeight;
  }

  function drawWindow() {
    const contact = contacts.get(tickets.get(openId)?.ticket.contact_id);
    const window_ = contact && isWindowOpen([contact.phone, contact.user_id]);
    const label = byId("window");
    label.textContent = window_?.text ?? "";
    label.dataset.open = String(window_?.isOpen ?? false);
  }

  trail.subscribe((crossing) => {
    for (const { timeline } of tickets.values()) {
      const item = timeline.find((each) => each.key && each.key === crossing.key);
      item?.node?.querySelector(".fate")?.replaceChildren(...fateOf(item, trail));
    }
  });
  wireAnswer(() => openId, drawWindow);
  return { take, drawWindow };
}

function nameOf({ comment, status }) {
  if (status) return `Status ${statusNames[status].toLowerCase()}`;
  return comment.visibility === "internal" ? "Private note" : "Public reply";
}

function commentNode(item, contact, trail) {
  const { comment } = item;
  const { name, side, kind } = speakerOf(item, contact);
  const isNote = comment.visibility === "internal";
  const head = el(
    "p",
    { class: "head" },
    el("strong", { dir: "auto" }, name),
    isNote ? el("span", { class: "lock" }, icon("lock")) : undefined,
    el("span", {}, `${isNote ? "private note" : kind}, ${clockTime(item.at)}`),
    el("span", { class: "fate", "aria-live": "off" }, ...fateOf(item, trail)),
  );
  const said = el("div", { class: "said" }, ...bodyOf(comment));
  const face = el("span", { class: "face", "aria-hidden": "true" }, initialOf(name));
  return el("div", { class: `comment ${side} ${isNote ? "note" : ""}` }, face, el("div", {}, head, said));
}

/** The first letter as people see it, with its vowel signs. */
function initialOf(name) {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment ?? "?";
}

/** The API account writes for the person, or for itself when it has something to tell staff. */
function speakerOf({ comment, actor }, contact) {
  if (actor.kind === "agent") return { name: actor.name, side: "staff", kind: "public reply" };
  if (comment.contact_id === undefined) return { name: "Deskferry", side: "staff", kind: "remark" };
  return { name: contact?.name ?? "Contact", side: "person", kind: "on WhatsApp" };
}

function bodyOf(comment) {
  const photos = comment.attachments.filter((file) => /^image\/(jpeg|png|webp)/.test(file.mime_type));
  const sounds = comment.attachments.filter((file) => file.mime_type.startsWith("audio/"));
  const papers = comment.attachments.filter((file) => !photos.includes(file) && !sounds.includes(file));
  const urlOf = (file) => `/desk/attachments/${file.id}`;
  return [
    words(comment.body),
    photos.length > 0 ? photoGrid(photos.map((file) => ({ url: urlOf(file), name: file.name }))) : undefined,
    ...sounds.map((file) =>
      el("audio", { "aria-label": "Voice note", controls: true, preload: "metadata", src: urlOf(file) }),
    ),
    ...papers.map((file) => el("a", { class: "paper", href: urlOf(file), download: file.name }, file.name)),
  ].filter((part) => part !== undefined);
}

function eventNode(item, trail) {
  const text = `${statusNames[item.status]} · ${item.actor.name}, ${clockTime(item.at)}`;
  const fate = el("span", { class: "fate", "aria-live": "off" }, ...fateOf(item, trail));
  return el("p", { class: "event" }, el("span", { class: "line" }, el("span", {}, text), fate));
}

/** What became of it on WhatsApp: the template's name and ticks, or nothing. */
function fateOf(item, trail) {
  const crossing = item.key && trail.get(item.key);
  const receipt = receiptOf(crossing);
  if (!receipt) return [];
  const template = stepOf(crossing, "planned")?.detail.template;
  return [...(template ? [el("code", {}, template)] : []), ticks(receipt)];
}

function wireAnswer(openTicket, drawWindow) {
  const form = byId("answer");
  const text = byId("answer-text");
  const mode = () => new FormData(form).get("visibility");
  const show = () => {
    const isNote = mode() === "internal";
    form.dataset.visibility = mode();
    byId("answer-label").textContent = isNote ? "Private note" : "Public reply";
    byId("answer-send").textContent = isNote ? "Add note" : "Send reply";
    text.placeholder = isNote ? "Only staff will see this" : "Your reply goes to the phone";
    byId("window").hidden = isNote;
    drawWindow();
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = text.value.trim();
    if (body === "") return;
    text.value = "";
    const comment = { agent, body, visibility: mode() };
    void act(sendJson("POST", `/desk/tickets/${openTicket()}/comments`, comment));
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  show();
}
