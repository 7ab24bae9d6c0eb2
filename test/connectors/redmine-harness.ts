import type { ContactKey, TicketStatus } from "deskferry/sdk";
import type { ConnectorHarness, SeenComment, StaffFile } from "deskferry/sdk/testing";
import type { Redmine } from "../../scripts/redmine.ts";

export interface SeenJournal {
  id: number;
  user?: { id: number };
  notes?: string;
  private_notes: boolean;
  details: { property: string; name: string; old_value?: string; new_value?: string }[];
}
export interface SeenIssue {
  id: number;
  subject: string;
  description?: string;
  project: { name: string };
  status: { id: number; name: string };
  priority: { name: string };
  category?: { name: string };
  assigned_to?: { name: string };
  due_date?: string;
  custom_fields?: { id: number; name: string; value?: string }[];
  journals: SeenJournal[];
  attachments: { id: number; filename: string; content_type?: string; description?: string }[];
}

const statuses: Record<string, TicketStatus> = {
  New: "new",
  "In Progress": "open",
  Feedback: "pending",
  Resolved: "solved",
  Closed: "closed",
};
const statusIds: Record<TicketStatus, number> = { new: 1, open: 2, solved: 3, pending: 4, closed: 5 };

export const fieldsOf = ({ custom_fields = [] }: SeenIssue) =>
  Object.fromEntries(custom_fields.map(({ name, value }) => [name, value ?? ""]));

/** Looks into Redmine as an administrator and works in it as a member of staff, not through the connector. */
export function createAgent(redmine: Redmine) {
  async function send(key: string, method: string, path: string, body?: unknown): Promise<Response> {
    const isBytes = body instanceof Uint8Array;
    const type = isBytes ? "application/octet-stream" : "application/json";
    const answer = await fetch(`${redmine.url}${path}`, {
      method,
      headers: { "X-Redmine-API-Key": key, "Content-Type": type },
      ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await (await send(redmine.admin.key, method, path, body)).json()) as T;

  async function issues(project: string): Promise<SeenIssue[]> {
    const found: SeenIssue[] = [];
    for (let offset = 0; ; offset += 100) {
      const query = `project_id=${project}&status_id=*&sort=id&limit=100&offset=${offset}`;
      const page = await call<{ issues: SeenIssue[]; total_count: number }>("GET", `/issues.json?${query}`);
      found.push(...page.issues);
      if (offset + 100 >= page.total_count) return found;
    }
  }
  const issue = async (id: string) =>
    (await call<{ issue: SeenIssue }>("GET", `/issues/${id}.json?include=journals,attachments`)).issue;
  const bytesOf = async (id: string | number) =>
    Buffer.from(await (await send(redmine.admin.key, "GET", `/attachments/download/${id}`)).arrayBuffer());
  const write = async (id: string, change: Record<string, unknown>, key = redmine.agent.key) =>
    void (await send(key, "PUT", `/issues/${id}.json`, { issue: change }));

  /** The ids of the files in their order. */
  async function withFiles(
    id: string,
    change: Record<string, unknown>,
    files: StaffFile[],
  ): Promise<string[]> {
    const uploads = [];
    for (const { name, mimeType, bytes } of files) {
      const path = `/uploads.json?filename=${encodeURIComponent(name)}`;
      const answer = await send(redmine.agent.key, "POST", path, bytes);
      const { upload } = (await answer.json()) as { upload: { id: number; token: string } };
      uploads.push({ id: upload.id, token: upload.token, filename: name, content_type: mimeType });
    }
    await write(id, { ...change, uploads });
    return uploads.map((upload) => String(upload.id));
  }

  return {
    send,
    call,
    issues,
    issue,
    bytesOf,
    write,
    withFiles,
    reply: (id: string, text: string) => write(id, { notes: text }),
    note: (id: string, text: string) => write(id, { notes: text, private_notes: true }),
    setStatus: (id: string, status: TicketStatus) => write(id, { status_id: statusIds[status] }),
  };
}

export type Agent = ReturnType<typeof createAgent>;

/** All notes of an issue with their files, oldest first. The files of a private note stand in the journal before it. */
export async function transcriptOf(agent: Agent, id: string): Promise<SeenComment[]> {
  const { journals, attachments } = await agent.issue(id);
  const comments: SeenComment[] = [];
  for (const { notes, private_notes, details } of journals) {
    const files = details.filter(({ property, new_value }) => property === "attachment" && new_value);
    if (!notes && files.length === 0) continue;
    const seen = files.map(async ({ name, new_value = "" }) => ({
      // The name as it was given, where Redmine's own differs.
      name: attachments.find((file) => String(file.id) === name)?.description || new_value,
      bytes: await agent.bytesOf(name),
    }));
    comments.push({
      body: notes ?? "",
      visibility: private_notes ? "internal" : "public",
      attachments: await Promise.all(seen),
    });
  }
  return comments;
}

/** Redmine for the conformance suite. */
export function redmineHarness(redmine: Redmine): ConnectorHarness {
  const agent = createAgent(redmine);
  async function contactsOf(key: ContactKey) {
    return (await agent.issues(redmine.contactProject))
      .filter((issue) => {
        const { DeskferryPerson, DeskferryPhone, DeskferryUserId } = fieldsOf(issue);
        return (
          DeskferryPerson === key.externalId ||
          (key.phone !== undefined && DeskferryPhone === key.phone) ||
          (key.userId !== undefined && DeskferryUserId === key.userId)
        );
      })
      .map(({ id, subject }) => ({ id: String(id), name: subject }));
  }
  async function ticketsOf(externalId: string) {
    return (await agent.issues(redmine.project))
      .filter((issue) => fieldsOf(issue)["DeskferryTicket"] === externalId)
      .map((issue) => {
        const status = statuses[issue.status.name];
        return { id: String(issue.id), subject: issue.subject, ...(status ? { status } : {}) };
      });
  }
  return {
    serverUrl: redmine.url,
    settings: (url) => redmineSettings(redmine, url),
    contactsOf,
    ticketsOf,
    commentsOf: (ticketId) => transcriptOf(agent, ticketId),
    staff: {
      reply: (ticketId, text) => agent.reply(ticketId, text),
      replyWithFiles: (ticketId, text, files) => agent.withFiles(ticketId, { notes: text }, files),
      note: (ticketId, text) => agent.note(ticketId, text),
      setStatus: (ticketId, status) => agent.setStatus(ticketId, status),
    },
    stop: () => redmine.stop(),
  };
}

export function redmineSettings(redmine: Redmine, url = redmine.url) {
  return {
    url,
    apiKey: redmine.connector.key,
    project: redmine.project,
    contactProject: redmine.contactProject,
  };
}
