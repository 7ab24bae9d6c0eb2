// The middle of the page: two rails with a boat each, and the log beneath.

import { byId, el, icon, span } from "./dom.js";
import { explain, isWorthShowing, outcomeOf, standings, stations, tookOf } from "./trail.js";

const STEP_MS = 230;
const HURRIED_MS = 90;
/** How long the rail waits for the next step of a crossing before it turns to another. */
const PATIENCE_MS = 1500;
const MOST_WAITING = 6;

export function createPath(trail) {
  const openedAt = Date.now();
  const rails = { in: createRail("in", trail), out: createRail("out", trail) };
  const log = createLog(trail, (crossing) => rails[crossing.direction].show(crossing));
  trail.subscribe((crossing) => {
    showEchoes(trail.echoes());
    if (!isWorthShowing(crossing)) return;
    log.update(crossing);
    const rail = rails[crossing.direction];
    // What happened before the page was opened is drawn, not played.
    if (crossing.steps.every((step) => step.at < openedAt)) rail.show(crossing);
    else rail.wake();
  });
}

function showEchoes(count) {
  const echoes = count === 1 ? "1 echo" : `${count} echoes`;
  byId("echoes").textContent = count === 0 ? "" : `${echoes} of our own writes recognised`;
}

/** One rail. It plays what happened one station at a time, so that eyes can follow what takes milliseconds. */
function createRail(direction, trail) {
  const rail = byId(`rail-${direction}`);
  const caption = byId(`caption-${direction}`);
  const boat = el("li", { class: "boat", "aria-hidden": "true" }, icon("ferry"));
  const items = stations[direction].map(({ label }) => createStation(label));
  rail.append(boat, ...items.map((item) => item.node));
  let current;
  let timer;
  let lastStepAt = 0;

  new ResizeObserver(() => rail.style.setProperty("--leg", `${rail.clientWidth / 5}px`)).observe(rail);

  function draw(crossing, count) {
    const now = standings(crossing, count);
    const reached = now.findLastIndex(({ state }) => ["done", "stopped", "failed"].includes(state));
    rail.style.setProperty("--at", String(Math.max(0, reached)));
    rail.toggleAttribute("data-busy", true);
    for (const [index, standing] of now.entries()) items[index]?.set(standing);
    caption.replaceChildren(el("strong", {}, trail.nameOf(crossing)), explain(crossing));
  }

  /** Crossings with steps not yet played. The rail never turns back: what an older one still has goes to the log only. */
  function waiting() {
    const all = trail.all().filter((each) => each.direction === direction && isWorthShowing(each));
    const behind = all.slice(0, Math.max(0, all.indexOf(current), all.length - MOST_WAITING));
    for (const crossing of behind) crossing.shown = crossing.steps.length;
    return all.filter((each) => each.shown < each.steps.length);
  }

  /** Goes on with the crossing on the rail until it has arrived, then with the next. */
  function tick() {
    timer = undefined;
    const queue = waiting();
    if (queue.length === 0) return;
    const isUnderWay = current && outcomeOf(current) === "way" && Date.now() - lastStepAt < PATIENCE_MS;
    const next = queue.includes(current) ? current : isUnderWay ? undefined : queue[0];
    if (next) {
      current = next;
      next.shown += 1;
      lastStepAt = Date.now();
      draw(next, next.shown);
    }
    timer = setTimeout(tick, queue.length > 2 ? HURRIED_MS : STEP_MS);
  }

  return {
    wake() {
      if (!timer) tick();
      if (current && current.shown === current.steps.length) draw(current, current.shown);
    },
    show(crossing) {
      current = crossing;
      crossing.shown = crossing.steps.length;
      draw(crossing, crossing.shown);
    },
  };
}

function createStation(label) {
  const mark = el("span", { class: "dot", "aria-hidden": "true" }, icon("tick"));
  const state = el("span", { class: "unseen" });
  const note = el("small");
  const node = el("li", { class: "station", "data-state": "ahead" }, mark, label, state, note);
  return {
    node,
    set(standing) {
      node.dataset.state = standing.state;
      const isEnd = standing.state === "stopped" || standing.state === "failed";
      mark.replaceChildren(icon(isEnd ? "cross" : "tick"));
      state.textContent = standing.state === "ahead" ? "" : `, ${standing.state}`;
      note.textContent = standing.note;
    },
  };
}

function createLog(trail, onChoose) {
  const list = byId("crossings");
  const rows = new Map();
  const none = el("li", { class: "none" }, "Nothing has crossed yet. Write something on the phone.");
  list.append(none);

  function add(crossing) {
    const way = el("span", { class: "way" });
    const what = el("span", { class: "what" });
    const took = el("span", { class: "took" });
    const why = el("span", { class: "why" });
    const choose = () => {
      for (const row of rows.values()) row.button.setAttribute("aria-pressed", String(row.button === button));
      onChoose(crossing);
    };
    const button = el(
      "button",
      { type: "button", "aria-pressed": "false", onclick: choose },
      way,
      what,
      took,
      why,
    );
    none.remove();
    list.prepend(el("li", {}, button));
    const row = { button, way, what, took, why };
    rows.set(crossing.key, row);
    return row;
  }

  return {
    update(crossing) {
      const row = rows.get(crossing.key) ?? add(crossing);
      const outcome = outcomeOf(crossing);
      row.way.dataset.kind = outcome;
      row.way.replaceChildren(icon(wayIcon(crossing, outcome)));
      row.what.textContent = trail.nameOf(crossing);
      row.why.textContent = explain(crossing);
      const took = tookOf(crossing);
      row.took.textContent = took === undefined ? "" : span(took);
    },
  };
}

function wayIcon(crossing, outcome) {
  if (outcome === "failed") return "cross";
  if (outcome === "kept") return "lock";
  return crossing.direction === "in" ? "right" : "left";
}
