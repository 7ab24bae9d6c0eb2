import { attachmentOf } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Redmine, redmineMissing, startRedmine } from "../../scripts/redmine.ts";
import { failureOf } from "../support/failure-of.ts";
import { createBench } from "./redmine-bench.ts";
import { fieldsOf, transcriptOf } from "./redmine-harness.ts";

const missing = redmineMissing();
if (missing) console.log(missing);

describe.skipIf(missing !== undefined)("Redmine 5", () => {
  let redmine: Redmine;
  let bench: ReturnType<typeof createBench>;
  beforeAll(async () => {
    redmine = await startRedmine();
    bench = createBench(redmine);
  }, 120_000);
  afterAll(async () => redmine?.stop());
  const fieldId = async (name: string) => {
    const path = "/custom_fields.json";
    const list = await bench.agent.call<{ custom_fields: { id: number; name: string }[] }>("GET", path);
    return list.custom_fields.find((field) => field.name === name)?.id ?? 0;
  };
  const count = async () => (await bench.agent.issues(redmine.project)).length;

  describe("prepared by setup.rb", () => {
    it("which ran several times, has everything of ours once", async () => {
      const path = "/custom_fields.json";
      const list = await bench.agent.call<{ custom_fields: { name: string }[] }>("GET", path);
      const ours = list.custom_fields.map(({ name }) => name).filter((name) => name.startsWith("Deskferry"));
      expect(ours.sort()).toEqual([
        "DeskferryContact",
        "DeskferryMessage",
        "DeskferryPerson",
        "DeskferryPhone",
        "DeskferryTicket",
        "DeskferryUserId",
      ]);
    });

    it("gives the account all that it needs, and it is no administrator", async () => {
      expect(await bench.connector.checkConnection()).toEqual([
        expect.stringMatching(/^Redmine answers at http/),
        "account deskferry may write issues, notes and private notes in whatsapp and whatsapp-contacts",
        "custom fields are in place and can be searched by",
        "changes are found by polling",
      ]);
      const users = await fetch(`${redmine.url}/users.json`, {
        headers: { "X-Redmine-API-Key": redmine.connector.key },
      });
      expect(users.status).toBe(403);
    });

    it("hides our ids from staff, in fields and in the history", async () => {
      const { id } = await bench.ticket();
      await bench.connector.addComment(bench.comment(id, { externalId: "wamid.hidden" }));
      const path = `/issues/${id}.json?include=journals`;
      const seen = await (await bench.agent.send(redmine.agent.key, "GET", path)).text();
      expect(seen).toContain("The lamp is out");
      expect(seen).not.toContain("wamid.hidden");
      expect(seen).not.toContain("deskferry/city");
    });
  });

  describe("checked", () => {
    it.each([
      ["a project that is not there", { project: "nowhere" }, /no project "nowhere"/],
      ["a category that is not there", { project: "whatsapp/Nope" }, /no category "Nope"/],
      ["a tracker that is not there", { tracker: "Nope" }, /whatsapp has no tracker "Nope"/],
      ["a wrong tracker of contacts", { contactTracker: "Bug" }, /contacts has no tracker "Bug"/],
      ["a wrong field", { fields: { message: "Nope" } }, /lists no custom field Nope/],
      ["a status that is not there", { statuses: { Nope: "new" } }, /no status Nope/],
      ["a priority that is not there", { priorities: { high: "Nope" } }, /no priority Nope/],
      [
        "a field that is no filter",
        { fields: { phone: "Note" } },
        /does not search by the custom field Note/,
      ],
    ])("with %s says what is wrong", async (_, settings, reason) => {
      const error = await failureOf(bench.connect(settings).checkConnection());
      expect(error).toMatchObject({ kind: "config", operatorMessage: expect.stringMatching(reason) });
    });

    it("as somebody with fewer rights names the permissions that are missing", async () => {
      const apiKey = redmine.reader.key;
      const error = await failureOf(bench.connect({ apiKey }).checkConnection());
      expect(error).toMatchObject({
        kind: "config",
        operatorMessage: expect.stringMatching(/set_notes_private/),
      });
    });

    it("says that anybody may read a project", async () => {
      const lines = await bench.connect({ project: redmine.openProject }).checkConnection();
      expect(lines).toContain("WARNING: everybody may read the project open: it is public");
    });
  });

  it("P15: a key that is not valid is an error, though Redmine answers it as anybody, by empty lists", async () => {
    const wrong = bench.connect({ apiKey: "0".repeat(40) });
    const { id, externalId } = await bench.ticket();
    const { cursor } = await bench.connector.listChanges(undefined);
    // The settings name the fields by number, so that nothing but the account itself is asked for.
    const fields = { ticket: await fieldId("DeskferryTicket"), message: await fieldId("DeskferryMessage") };
    const numbered = bench.connect({ apiKey: "0".repeat(40), fields });
    for (const call of [
      () => wrong.checkConnection(),
      () => numbered.findTicket(externalId),
      () => numbered.findComment(id, "wamid.x"),
      () => numbered.listChanges(cursor),
      () => wrong.createTicket({ externalId: "x", contactId: "1", ticket: { subject: "x" } }),
      () => wrong.upsertContact(bench.person(), { name: "x" }),
    ]) {
      expect(await failureOf(call())).toMatchObject({ kind: "auth", code: 401 });
    }
  });

  describe("contacts", () => {
    it("that staff made by hand are found by their number", async () => {
      const key = bench.person();
      const issue = {
        project_id: redmine.contactProject,
        subject: "By hand",
        custom_fields: [{ id: await fieldId("DeskferryPhone"), value: key.phone }],
      };
      const made = await bench.agent.call<{ issue: { id: number } }>("POST", "/issues.json", { issue });
      const { id } = await bench.connector.upsertContact(key, { name: "Ann" });
      expect(id).toBe(String(made.issue.id));
      expect(fieldsOf(await bench.agent.issue(id))).toMatchObject({ DeskferryPerson: key.externalId });
    });

    it("P02: a number that went to another WhatsApp user is another person", async () => {
      const { phone } = bench.person();
      const first = { externalId: "whatsapp:GB.first", userId: "GB.first", phone };
      const second = { externalId: "whatsapp:GB.second", userId: "GB.second", phone };
      const one = await bench.connector.upsertContact(first, { name: "One" });
      const two = await bench.connector.upsertContact(second, { name: "Two" });
      expect(two.id).not.toBe(one.id);
    });

    it("keep what has a field, and say once what has none", async () => {
      const connector = bench.connect({ fields: { organisation: "Note" } });
      const contact = {
        name: "Ann",
        email: "ann@example.org",
        organisation: "Works",
        custom: { Ward: "North" },
      };
      bench.warnings.length = 0;
      const { id } = await connector.upsertContact(bench.person(), contact);
      await connector.upsertContact(bench.person(), contact);
      expect(fieldsOf(await bench.agent.issue(id))).toMatchObject({ Note: "Works", Ward: "North" });
      expect(bench.warnings).toEqual([expect.stringMatching(/no email: the setting fields.email/)]);
    });
  });

  describe("tickets", () => {
    it("carry all that a mapping names", async () => {
      const connector = bench.connect({ fields: { tags: "Ward" } });
      bench.warnings.length = 0;
      const { id } = await bench.ticket(
        {
          description: "It flickers.",
          queue: "whatsapp/Street lights",
          priority: "urgent",
          assignee: "Agent Test",
          tags: ["lamp", "night"],
          due: { firstAnswer: "2020-02-01T09:00:00Z", solution: "2020-02-03T23:30:00+05:30" },
          custom: { Note: 7 },
        },
        connector,
      );
      const issue = await bench.agent.issue(id);
      expect(issue).toMatchObject({
        description: "It flickers.",
        category: { name: "Street lights" },
        priority: { name: "Urgent" },
        assigned_to: { name: "Agent Test" },
        // The day of the mapping's own zone, also when it is over.
        due_date: "2020-02-03",
      });
      expect(fieldsOf(issue)).toMatchObject({ Ward: "lamp, night", Note: "7" });
      expect(bench.warnings).toEqual([
        expect.stringMatching(/no firstAnswer of due: the setting fields.firstAnswer/),
      ]);
    });

    it("are made in another project, and found there", async () => {
      const { id, externalId } = await bench.ticket({ queue: redmine.otherProject });
      expect((await bench.agent.issue(id)).project.name).toBe(redmine.otherProject);
      expect((await bench.connector.findTicket(externalId))?.id).toBe(id);
    });

    it.each(["Nobody Known", "999999"])("are worth more than their assignee: %s", async (assignee) => {
      bench.warnings.length = 0;
      const { id } = await bench.ticket({ assignee });
      expect((await bench.agent.issue(id)).assigned_to).toBeUndefined();
      expect(bench.warnings).toHaveLength(1);
    });

    it("are not begun where a field, a category or a project is missing", async () => {
      const before = await count();
      for (const [more, reason] of [
        [{ custom: { Nope: "x" } }, /no custom field Nope/],
        [{ queue: "whatsapp/Nope" }, /no category "Nope"/],
        [{ queue: "nowhere" }, /no project "nowhere"/],
        [{ queue: "bare" }, /bare lists no custom field DeskferryTicket/],
      ] as const) {
        const error = await failureOf(bench.ticket(more));
        expect(error).toMatchObject({ kind: "config", operatorMessage: expect.stringMatching(reason) });
      }
      expect(await count()).toBe(before);
    });

    it("P01: that Redmine made without our id are closed again and the operator is asked", async () => {
      const fields = { ticket: await fieldId("DeskferryPerson") };
      const error = await failureOf(bench.ticket({ subject: "Without id" }, bench.connect({ fields })));
      expect(error).toMatchObject({ kind: "config", operatorMessage: expect.stringMatching(/closed again/) });
      const made = (await bench.agent.issues(redmine.project)).filter(
        ({ subject }) => subject === "Without id",
      );
      expect(made.map(({ status }) => status.name)).toEqual(["Closed"]);
    });

    it("whose status the workflow forbids say so, though Redmine answers 204", async () => {
      const { id } = await bench.ticket();
      // Nobody may set a status that the tracker's workflow does not lead to for the role.
      const connector = bench.connect({ apiKey: redmine.reader.key });
      const error = await failureOf(connector.updateTicket(id, { status: "closed" }));
      expect(["rejected", "auth"]).toContain(error.kind);
      expect((await bench.agent.issue(id)).status.name).toBe("New");
    });
  });

  describe("comments", () => {
    it("P18: whose ids differ by case only are two", async () => {
      const { id } = await bench.ticket();
      await bench.connector.addComment(bench.comment(id, { externalId: "wamid.aa" }));
      expect(await bench.connector.findComment(id, "wamid.AA")).toBeUndefined();
      await bench.connector.addComment(bench.comment(id, { externalId: "wamid.AA" }));
      expect((await bench.connector.findComment(id, "wamid.aa"))?.id).toBe("wamid.aa");
      expect((await bench.connector.findComment(id, "wamid.AA"))?.id).toBe("wamid.AA");
    });

    it("P19: that are private and carry files are found by our id and hidden", async () => {
      const { id } = await bench.ticket();
      const attachments = [attachmentOf("lamp.jpg", "image/jpeg", Buffer.from([0xff, 0xd8, 0]))];
      const note = bench.comment(id, { visibility: "internal", body: "inside", attachments });
      await bench.connector.addComment(note);
      expect((await bench.connector.findComment(id, note.externalId))?.id).toBe(note.externalId);
      const seen = await transcriptOf(bench.agent, id);
      expect(seen.find(({ body }) => body === "inside")?.visibility).toBe("internal");
    });

    it("without text carry their files, and an empty file is named", async () => {
      const { id } = await bench.ticket();
      const attachments = [
        attachmentOf("lamp.jpg", "image/jpeg", Buffer.from([0xff, 0xd8, 0])),
        attachmentOf("empty.txt", "text/plain", Buffer.alloc(0)),
      ];
      await bench.connector.addComment(bench.comment(id, { body: "", attachments }));
      const [seen] = await transcriptOf(bench.agent, id);
      expect(seen?.body.trim()).toBe("(empty file: empty.txt)");
      expect(seen?.attachments.map(({ name }) => name)).toEqual(["lamp.jpg"]);
    });

    it("P17: with a file that Redmine refuses are refused, and nothing is written", async () => {
      const { id } = await bench.ticket();
      const attachments = [attachmentOf("film.mp4", "video/mp4", Buffer.alloc(6 * 1024 * 1024, "x"))];
      const error = await failureOf(bench.connector.addComment(bench.comment(id, { attachments })));
      expect(error).toMatchObject({ kind: "rejected", code: 422 });
      expect(await transcriptOf(bench.agent, id)).toEqual([]);
    });
  });
});
