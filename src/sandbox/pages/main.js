// Puts the page together: three event streams in, three columns out.

import { createDesk } from "./desk.js";
import { act, byId, clockTime } from "./dom.js";
import { createPath } from "./path.js";
import { createPhone } from "./phone.js";
import { getJson, listen, sendJson } from "./streams.js";
import { createTrail } from "./trail.js";

/** What the streams replay at the start is not read out. */
const REPLAY_MS = 2000;
const DAY_MS = 24 * 60 * 60 * 1000;
const tabs = [...document.querySelectorAll(".tabs button")];
const up = { phone: false, path: false, desk: false };
const openedAt = Date.now();
let clockOffset = 0;

function showTab(name) {
  document.body.dataset.tab = name;
  for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
  tabs.find((tab) => tab.dataset.tab === name)?.removeAttribute("data-news");
  // A list that was filled while hidden could not scroll.
  for (const list of [byId("chat"), byId("comments")]) list.scrollTop = list.scrollHeight;
}

/** On a narrow screen, tells of what happened, since the page was opened, on a side that is not shown. */
function news(name, at) {
  if (document.body.dataset.tab === name || Date.parse(at) < openedAt + clockOffset) return;
  const tab = tabs.find((each) => each.dataset.tab === name);
  if (tab) tab.dataset.news = String(Number(tab.dataset.news ?? 0) + 1);
}

function showState(name) {
  return (isUp) => {
    up[name] = isUp;
    const isLive = Object.values(up).every(Boolean);
    byId("live").dataset.state = isLive ? "live" : "waiting";
    byId("live").textContent = isLive ? "live" : "connecting";
  };
}

async function readBusiness() {
  const { numbers, now } = await getJson("/graph/numbers");
  clockOffset = now - Date.now();
  const [number] = numbers;
  if (!number) return;
  byId("business-name").textContent = number.verifiedName;
  byId("business-number").textContent = number.displayPhoneNumber;
}

/** Whether free text may go to the person now; WhatsApp closes the window a day after their last message. */
function windowOf(phone, aliases) {
  const last = Math.max(...aliases.map((alias) => phone.lastMessageAt(alias) ?? 0));
  if (last === 0) return undefined;
  const closesAt = last + DAY_MS;
  const isOpen = Date.now() + clockOffset < closesAt;
  const text = isOpen
    ? `24-hour window open until ${clockTime(closesAt)} tomorrow`
    : "24-hour window closed: goes out as a template";
  return { isOpen, text };
}

async function start() {
  const { connection } = await getJson("/settings");
  await readBusiness();
  const trail = createTrail();
  createPath(trail);
  const phone = createPhone({ trail, onNews: (at) => news("phone", at) });
  const isWindowOpen = (aliases) => windowOf(phone, aliases);
  const desk = createDesk({ trail, connection, isWindowOpen, onNews: (at) => news("desk", at) });

  listen("/trace", trail.take, showState("path"));
  listen(
    "/graph/events",
    (entry) => {
      phone.take(entry);
      if (entry.kind === "clock") void readBusiness().then(desk.drawWindow);
      else desk.drawWindow();
    },
    showState("phone"),
  );
  listen("/desk/events", desk.take, showState("desk"));
  setTimeout(() => {
    for (const list of [byId("chat"), byId("comments")]) list.setAttribute("aria-live", "polite");
  }, REPLAY_MS);
  byId("next-day").addEventListener("click", () =>
    act(sendJson("POST", "/graph/clock", { advanceMs: DAY_MS + 3_600_000 })),
  );
}

for (const tab of tabs) tab.addEventListener("click", () => showTab(tab.dataset.tab));
await start();
