import type { HelpdeskEvent } from "deskferry/sdk";
import { messageOf } from "./comments.ts";
import { type Cursor, inSeconds, needsReading, parseCursor, type SeenIssue, writeCursor } from "./cursor.ts";
import type { Member } from "./directory.ts";
import { getHistory, type RedmineTools } from "./issues.ts";
import { eventsOf } from "./journals.ts";
import { type Issue, type IssueWithHistory, type Journal, pageOfIssues, read } from "./records.ts";

const PAGE = 100;
/** Histories that are read in one call; a bulk edit takes several. */
const BATCH = 50;
const what = "list changes";

/** What the changes of one call have in common. */
interface Round {
  /** Id of the field that holds our id of a ticket, and of a message. */
  ticketField: string;
  messageField: string;
  account: string;
  statusNames: ReadonlyMap<string, string>;
  members: Map<string, Member[]>;
  tools: RedmineTools;
}

interface Found {
  journal: Journal;
  events: HelpdeskEvent[];
}

/** Redmine has no list of journals: the issues that changed are listed, and the history of each is read. */
export async function listChanges(
  text: string | undefined,
  tools: RedmineTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  const now = tools.clock.now();
  const isStart = text === undefined;
  const cursor = isStart ? await startingNow(tools) : parseCursor(text);
  const round = await beginRound(tools);
  const began = cursor.round ?? now;
  const { issues, isWhole } = await changedSince(cursor.since, round);
  const due = issues.filter(
    ({ id, updated_on }) => isStart || needsReading(updated_on, cursor.seen[id], began),
  );
  const batch = isStart ? due : due.slice(0, BATCH);
  const seen = { ...cursor.seen };
  const found: Found[] = [];
  for (const issue of batch) {
    const history = await getHistory(issue.id, tools);
    if (!history) continue;
    const fresh = freshJournals(history, cursor, issue.id);
    if (!isStart) for (const journal of fresh) found.push(await judge(journal, history, round));
    seen[issue.id] = seenAs(issue, history, cursor.seen[issue.id], now);
  }
  // Somebody whose key is no longer valid sees less, and would take it for all there is.
  await tools.directory.confirmAccount();
  const more = batch.length < due.length || !isWhole;
  found.sort((a, b) => a.journal.id - b.journal.id);
  // What is done is known at the end only: an issue that is left for the next call may have changed before those read now.
  const done = more || isStart ? undefined : issues.at(-1)?.updated_on;
  return {
    events: found.flatMap(({ events }) => events),
    cursor: writeCursor({ since: cursor.since, seen, ...(more ? { round: began } : {}) }, done),
    more,
  };
}

async function beginRound(tools: RedmineTools): Promise<Round> {
  const { directory } = tools;
  const statuses = await directory.statuses();
  return {
    ticketField: await directory.field("ticket"),
    messageField: await directory.field("message"),
    account: await directory.account(),
    statusNames: new Map([...statuses].map(([name, id]) => [id, name])),
    members: new Map(),
    tools,
  };
}

/** By Redmine's own clock, which not every server tells: from the second of the latest change. */
async function startingNow(tools: RedmineTools): Promise<Cursor> {
  const query = { status_id: "*", sort: "updated_on:desc", limit: 1 };
  const answer = await tools.http.request({ method: "GET", path: "/issues.json", query, what });
  const [newest] = read(answer, pageOfIssues, what).issues;
  const since = newest ? Date.parse(newest.updated_on) : tools.clock.now() - 24 * 3_600_000;
  return { since: inSeconds(since), seen: {} };
}

/**
 * Our tickets, the longest unchanged first. One that changes while the pages are read moves to the end and another
 * slips through; then there are fewer than Redmine counts.
 */
async function changedSince(since: string, { ticketField, tools }: Round) {
  const issues = new Map<string, Issue>();
  for (let offset = 0; ; offset += PAGE) {
    const query = {
      status_id: "*",
      updated_on: `>=${since}`,
      [`cf_${ticketField}`]: "*",
      sort: "updated_on,id",
      limit: PAGE,
      offset,
    };
    const answer = await tools.http.request({ method: "GET", path: "/issues.json", query, what });
    const page = read(answer, pageOfIssues, what);
    for (const issue of page.issues) issues.set(issue.id, issue);
    if (offset + PAGE < page.total_count) continue;
    const isOurs = ({ custom_fields }: Issue) => Boolean(custom_fields.get(ticketField)?.[0]);
    return { issues: [...issues.values()].filter(isOurs), isWhole: issues.size >= page.total_count };
  }
}

function freshJournals(history: IssueWithHistory, { seen, since }: Cursor, id: string): Journal[] {
  const known = seen[id];
  if (known) return history.journals.filter((journal) => journal.id > known.lastJournal);
  return history.journals.filter(({ created_on }) => Date.parse(created_on) >= Date.parse(since));
}

function seenAs(
  issue: Issue,
  { journals }: IssueWithHistory,
  known: SeenIssue | undefined,
  now: number,
): SeenIssue {
  const isSame = known?.updatedOn === issue.updated_on;
  return {
    updatedOn: issue.updated_on,
    lastJournal: Math.max(known?.lastJournal ?? 0, journals.at(-1)?.id ?? 0),
    firstSeen: isSame ? known.firstSeen : now,
    lastRead: now,
  };
}

async function judge(journal: Journal, issue: IssueWithHistory, round: Round): Promise<Found> {
  const { ticketField, messageField, account, statusNames, tools } = round;
  const author = journal.user?.id;
  const isMarked = messageOf(journal, messageField) !== undefined;
  if (author === account && journal.notes && !journal.private_notes && !isMarked) {
    tools.log.warn("Redmine did not keep our id of a comment: its project or tracker lacks the field", {
      ticket: issue.id,
    });
  }
  if (author === account || isMarked) return { journal, events: [] };
  const isStaff = journal.notes ? await isWrittenByStaff(author, issue, round) : false;
  const externalId = issue.custom_fields.get(ticketField)?.[0] ?? "";
  const { settings } = tools;
  return { journal, events: eventsOf(journal, { issue, externalId, settings, statusNames, isStaff }) };
}

/** In a public project anybody may write a note, by name or without one. Only what staff write goes to the person. */
async function isWrittenByStaff(
  author: string | undefined,
  { project, id }: IssueWithHistory,
  { members, tools }: Round,
): Promise<boolean> {
  const { directory, settings, log } = tools;
  const { staffRoles } = settings;
  const isStaff = (list: Member[]) =>
    list.some(
      (member) => member.id === author && (staffRoles?.some((name) => member.roles.includes(name)) ?? true),
    );
  if (isStaff(members.get(project.id) ?? (await directory.members(project.id)))) return true;
  if (!members.has(project.id)) members.set(project.id, await directory.membersNow(project.id));
  if (isStaff(members.get(project.id) ?? [])) return true;
  log.warn("a note by somebody who is not staff of the project stays in Redmine", { ticket: id });
  return false;
}
