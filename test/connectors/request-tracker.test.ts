import { createHash, randomBytes } from "node:crypto";
import { attachmentOf, startFaultProxy } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type RequestTracker,
  requestTrackerMissing,
  startRequestTracker,
} from "../../scripts/request-tracker.ts";
import { createBench, failureOf } from "./request-tracker-bench.ts";
import { transcriptOf } from "./request-tracker-harness.ts";

const missing = requestTrackerMissing();
if (missing) console.log(missing);

describe.skipIf(missing !== undefined)("Request Tracker 5", () => {
  let rt: RequestTracker;
  let bench: ReturnType<typeof createBench>;
  beforeAll(async () => {
    rt = await startRequestTracker();
    bench = createBench(rt);
  }, 120_000);
  afterAll(async () => rt?.stop());

  describe("prepared by initialdata", () => {
    it("which may be loaded twice, has everything of ours once", async () => {
      const fields = await rt.perl(`
        my $fields = RT::CustomFields->new($system); $fields->UnLimit;
        while (my $field = $fields->Next) { print $field->Name, ' ', $field->LookupType, "\\n" }`);
      const ours = fields.split("\n").filter((line) => line.startsWith("Deskferry"));
      expect(ours.sort()).toEqual([
        "DeskferryMessage RT::Queue-RT::Ticket-RT::Transaction",
        "DeskferryPhone RT::User",
        "DeskferryTicket RT::Queue-RT::Ticket",
        "DeskferryUserId RT::User",
      ]);
      const scrips = await rt.perl(`
        my $scrips = RT::Scrips->new($system);
        $scrips->Limit(FIELD => 'Description', VALUE => 'Deskferry', OPERATOR => 'LIKE');
        print $scrips->Count;`);
      expect(scrips).toBe("1");
    });

    it("keeps address and secret of the webhook out of the database", async () => {
      const code = await rt.perl(`
        my $scrips = RT::Scrips->new($system); $scrips->UnLimit;
        while (my $scrip = $scrips->Next) { print $scrip->CustomCommitCode // '' }`);
      expect(code).toContain("RT->Config->Get('Deskferry')");
      expect(code).not.toContain(rt.webhookSecret);
    });

    it("gives the account all that it needs and no more", async () => {
      expect(await bench.connector.checkConnection()).toEqual([
        expect.stringMatching(/^Request Tracker 5\.\S+ answers at http/),
        "account deskferry may administer contacts and create tickets in the queue WhatsApp",
        "custom fields are in place: DeskferryTicket, DeskferryMessage, DeskferryPhone, DeskferryUserId",
        "changes arrive by webhook; polling finds what was missed",
      ]);
      const superUser = await rt.perl(`
        my $user = RT::User->new($system); $user->Load('deskferry');
        print $user->PrincipalObj->HasRight(Right => 'SuperUser', Object => RT->System) ? 1 : 0;`);
      expect(superUser).toBe("0");
    });
  });

  describe("checked", () => {
    it.each([
      ["another account's name", { username: "agent" }, /does not belong to the account agent/],
      ["a queue that is not there", { queue: "Nowhere" }, /no queue "Nowhere"/],
      ["a wrong field of tickets", { fields: { ticket: "Nope" } }, /no custom field Nope/],
      ["a wrong field of messages", { fields: { message: "Nope" } }, /no custom field Nope/],
      ["a wrong field of users", { fields: { phone: "Nope" } }, /users have no custom field Nope/],
      ["a wrong field for tags", { fields: { tags: "Nope" } }, /no custom field Nope/],
    ])("with %s says what is wrong", async (_, settings, reason) => {
      const error = await failureOf(bench.connect(settings).checkConnection());
      expect(error).toMatchObject({ kind: "config", operatorMessage: expect.stringMatching(reason) });
    });

    it("with a wrong token says that it was refused", async () => {
      const token = rt.connector.token.replace(/.{4}$/, "0000");
      const error = await failureOf(bench.connect({ token }).checkConnection());
      expect(error).toMatchObject({
        kind: "auth",
        operatorMessage: "check connection: the server answered 401",
      });
    });

    it("with the token of somebody without rights says which is missing", async () => {
      const token = await rt.perl(`
        my $user = RT::User->new($system); $user->Create(Name => 'powerless', Privileged => 1);
        my ($ok, $message, $token) = RT::AuthToken->new($system)->Create(Owner => $user->Id, Description => 'test');
        print $token;`);
      const error = await failureOf(bench.connect({ token, username: "powerless" }).checkConnection());
      expect(error).toMatchObject({
        kind: "config",
        operatorMessage: expect.stringContaining("SeeCustomField"),
      });
    });
  });

  describe("contacts", () => {
    it("P02: RT returns everybody for a field it cannot search by, and still nobody is mixed up", async () => {
      await bench.contact();
      const ignored = await bench.agent.call("POST", "/users", [{ field: "MobilePhone", value: "+1" }]);
      expect((ignored as { total: number }).total).toBeGreaterThan(3);
      const wrong = bench.connect({ fields: { phone: "Nope" } });
      const phone = bench.phone();
      const error = await failureOf(
        wrong.upsertContact({ externalId: `whatsapp:${phone}`, phone }, { name: "Bo" }),
      );
      expect(error).toMatchObject({ kind: "config", operatorMessage: expect.stringContaining("Nope") });
    });

    it("carry what the mapping says, in columns and custom fields, and lose what it empties", async () => {
      const phone = bench.phone();
      const key = { externalId: `whatsapp:${phone}`, phone, userId: "GB.abc1" };
      const { id, address } = await bench.connector.upsertContact(key, {
        name: "Zoë\u0000 👩🏽‍🚒",
        phone,
        email: "zoe@example.org",
        language: "pt-BR",
        organisation: "Łódź & Co",
        custom: { City: "Łódź", Zip: 90001, NickName: null },
      });
      expect(address).toBe(`${rt.url}/User/Summary.html?id=${id}`);
      expect(await bench.agent.get(`/user/${id}`)).toMatchObject({
        Name: `whatsapp:${phone}`,
        RealName: "Zoë 👩🏽‍🚒",
        EmailAddress: "zoe@example.org",
        Lang: "pt-BR",
        Organization: "Łódź & Co",
        MobilePhone: phone,
        City: "Łódź",
        Zip: "90001",
        Privileged: 0,
      });
      expect(await bench.fieldsOf(`/user/${id}`)).toEqual({
        DeskferryPhone: [phone],
        DeskferryUserId: ["GB.abc1"],
      });
      await bench.connector.upsertContact(key, { name: "Zoë", custom: { City: null } });
      expect(await bench.agent.get(`/user/${id}`)).toMatchObject({ RealName: "Zoë", City: "", Zip: "90001" });
    });

    it("P04: are found by phone or user id when somebody renamed them", async () => {
      const phone = bench.phone();
      const userId = "GB.renamed1";
      const { id } = await bench.connector.upsertContact(
        { externalId: `whatsapp:${phone}`, phone, userId },
        { name: "Ann" },
      );
      await bench.agent.call("PUT", `/user/${id}`, { Name: `ann-${id}` });
      for (const key of [{ phone }, { userId }]) {
        const found = await bench.connector.upsertContact(
          { externalId: "whatsapp:GB.other", ...key },
          { name: "Ann" },
        );
        expect(found.id).toBe(id);
      }
    });

    it("P04: are not found by a phone number that went to somebody else", async () => {
      const phone = bench.phone();
      const first = await bench.connector.upsertContact(
        { externalId: "whatsapp:GB.first1", phone, userId: "GB.first1" },
        { name: "First" },
      );
      const second = await bench.connector.upsertContact(
        { externalId: "whatsapp:GB.second1", phone, userId: "GB.second1" },
        { name: "Second" },
      );
      expect(second.id).not.toBe(first.id);
      expect(await bench.agent.get(`/user/${first.id}`)).toMatchObject({ RealName: "First" });
    });

    it("leave accounts of staff as they are, also when staff write from their own phones", async () => {
      const phone = bench.phone();
      await bench.agent.call("PUT", "/user/agent", { CustomFields: { DeskferryPhone: phone } });
      const { id } = await bench.connector.upsertContact(
        { externalId: `whatsapp:${phone}`, phone },
        { name: "Joker" },
      );
      expect(await bench.agent.get(`/user/${id}`)).toMatchObject({ Name: "agent", RealName: "Agent" });
    });

    it("P01: are made once by two at the same time", async () => {
      const phone = bench.phone();
      const key = { externalId: `whatsapp:${phone}`, phone };
      const upsert = () => bench.connector.upsertContact(key, { name: "Ann" });
      const [first, second] = await Promise.all([upsert(), upsert()]);
      expect(first.id).toBe(second.id);
    });

    it("are made without an e-mail address that belongs to somebody else", async () => {
      const phone = bench.phone();
      const key = { externalId: `whatsapp:${phone}`, phone };
      const { id } = await bench.connector.upsertContact(key, { name: "Ann", email: "agent@rt.test" });
      expect(await bench.agent.get(`/user/${id}`)).toMatchObject({ RealName: "Ann", EmailAddress: "" });
      expect(bench.warnings).toContain("RT refused the e-mail address of a contact; made without it");
    });
  });

  describe("tickets", () => {
    it("carry subject, requestor, owner, priority and first words", async () => {
      const { key, id: contactId } = await bench.contact();
      const ticket = {
        subject: "Broken\nlamp 🔦",
        description: "Since Monday",
        priority: "high",
        assignee: "agent",
        queue: rt.otherQueue,
      } as const;
      const { id, address } = await bench.connector.createTicket({
        externalId: bench.externalId(),
        contactId,
        ticket,
      });
      expect(address).toBe(`${rt.url}/Ticket/Display.html?id=${id}`);
      const seen = await bench.agent.get(`/ticket/${id}?fields[Queue]=Name`);
      expect(seen).toMatchObject({
        Subject: "Broken lamp 🔦",
        Priority: "100",
        Owner: { id: "agent" },
        Requestor: [{ id: key.externalId }],
        Queue: { Name: "Elsewhere" },
        Creator: { id: "deskferry" },
      });
      const [first] = await bench.agent.list(`/ticket/${id}/attachments`, { fields: "ContentType" });
      const content = (await bench.agent.get(`/attachment/${first?.id}`))["Content"];
      expect(Buffer.from(String(content), "base64").toString()).toBe("Since Monday");
    });

    it("are made although RT ignores an owner it does not know", async () => {
      const { id: contactId } = await bench.contact();
      const ticket = { subject: "x", assignee: "nobody-here" };
      const { id } = await bench.connector.createTicket({
        externalId: bench.externalId(),
        contactId,
        ticket,
      });
      expect(await bench.agent.get(`/ticket/${id}`)).toMatchObject({ Owner: { id: "Nobody" } });
      expect(bench.warnings).toContain("RT did not accept the assignee of a ticket");
    });

    it("put tags and other values into custom fields", async () => {
      await rt.perl(`
        for (['Labels', 'FreeformMultiple'], ['Skills', 'FreeformMultiple'], ['Answer by', 'FreeformSingle'], ['Meter', 'FreeformSingle']) {
          my $field = RT::CustomField->new($system);
          $field->Create(Name => $_->[0], Type => $_->[1], LookupType => 'RT::Queue-RT::Ticket');
          $field->AddToObject(RT::Queue->new($system));
          my $group = RT::Group->new($system); $group->LoadUserDefinedGroup('Deskferry');
          $group->PrincipalObj->GrantRight(Right => $_, Object => $field) for qw(SeeCustomField ModifyCustomField);
        }`);
      const { id: contactId } = await bench.contact();
      const externalId = bench.externalId();
      const ticket = {
        subject: "x",
        tags: ["lamp", "urgent 🔥"],
        skills: ["Hindi", "electricity"],
        due: { firstAnswer: "2026-11-23T09:00:00+01:00", solution: "2026-11-27T17:30:00.250+05:30" },
        custom: { Meter: 4711 },
      };
      const { id } = await bench
        .connect({ fields: { tags: "Labels", skills: "Skills", firstAnswer: "Answer by" } })
        .createTicket({ externalId, contactId, ticket });
      expect(await bench.fieldsOf(`/ticket/${id}`)).toEqual({
        DeskferryTicket: [externalId],
        Labels: ["lamp", "urgent 🔥"],
        Skills: ["Hindi", "electricity"],
        "Answer by": ["2026-11-23T08:00:00Z"],
        Meter: ["4711"],
      });
      expect(await bench.agent.get(`/ticket/${id}`)).toMatchObject({ Due: "2026-11-27T12:00:00Z" });
    });

    it("say what RT has no place for", async () => {
      const { id: contactId } = await bench.contact();
      const ticket = {
        subject: "x",
        tags: ["a"],
        skills: ["b"],
        due: { firstAnswer: "2026-11-23T09:00:00Z" },
      };
      await bench.connector.createTicket({ externalId: bench.externalId(), contactId, ticket });
      for (const what of ["tags", "skills", "firstAnswer"]) {
        const warning = `RT has no ${what}: the setting fields.${what} names no custom field for it`;
        expect(bench.warnings).toContain(warning);
      }
    });

    it.each([
      ["a queue that is not there", { queue: "Nowhere" }, /no queue "Nowhere"/],
      ["a custom field that is not there", { custom: { Nope: "1" } }, /WhatsApp has no custom field Nope/],
    ])("are not made with %s", async (_, more, reason) => {
      const externalId = bench.externalId();
      const { id: contactId } = await bench.contact();
      const request = { externalId, contactId, ticket: { subject: "x", ...more } };
      const error = await failureOf(bench.connector.createTicket(request));
      expect(error).toMatchObject({ kind: "config", operatorMessage: expect.stringMatching(reason) });
      expect(await bench.connector.findTicket(externalId)).toBeUndefined();
    });

    it("are not made in a queue that was closed to us a moment ago: RT answers 403", async () => {
      const { contactId } = await bench.ticket();
      const disable = (value: number) => bench.agent.call("PUT", "/queue/WhatsApp", { Disabled: value });
      await disable(1);
      try {
        const request = { externalId: bench.externalId(), contactId, ticket: { subject: "x" } };
        const error = await failureOf(bench.connector.createTicket(request));
        expect(error).toMatchObject({
          kind: "config",
          operatorMessage: expect.stringContaining("in the queue WhatsApp"),
        });
      } finally {
        await disable(0);
      }
    });

    it("without our id are closed again, and the operator is told which right is missing", async () => {
      const { contactId } = await bench.ticket();
      const change = (method: string) =>
        rt.perl(`
          my $field = RT::CustomField->new($system);
          $field->LoadByName(Name => 'DeskferryTicket', LookupType => 'RT::Queue-RT::Ticket');
          my $group = RT::Group->new($system); $group->LoadUserDefinedGroup('Deskferry');
          $group->PrincipalObj->${method}(Right => $_, Object => $field) for qw(ModifyCustomField SetInitialCustomField);`);
      await change("RevokeRight");
      try {
        const request = { externalId: bench.externalId(), contactId, ticket: { subject: "Orphan" } };
        const error = await failureOf(bench.connector.createTicket(request));
        expect(error).toMatchObject({
          kind: "config",
          operatorMessage: expect.stringContaining("DeskferryTicket"),
        });
        const [orphan] = await bench.agent.list("/tickets", {
          query: "Subject = 'Orphan'",
          fields: "Status",
        });
        expect(orphan?.["Status"]).toBe("rejected");
      } finally {
        await change("GrantRight");
      }
    });

    it("keep the status that RT's lifecycle does not allow to leave: its 200 is not believed", async () => {
      const { id } = await bench.ticket();
      const odd = bench.connect({ statuses: { new: "new", open: "open", banana: "pending" } });
      const error = await failureOf(odd.updateTicket(id, { status: "pending" }));
      expect(error).toMatchObject({
        kind: "rejected",
        operatorMessage: expect.stringMatching(/at "new" instead of "banana"/),
      });
      const none = await failureOf(odd.updateTicket(id, { status: "solved" }));
      expect(none).toMatchObject({ kind: "config", operatorMessage: expect.stringContaining('"solved"') });
    });

    it("are found and written to after staff merged them into another", async () => {
      const survivor = await bench.ticket();
      const merged = await bench.ticket();
      await bench.agent.call("PUT", `/ticket/${merged.id}`, { MergeInto: survivor.id });
      expect((await bench.connector.findTicket(merged.externalId))?.id).toBe(merged.id);
      const comment = bench.comment(merged.id, { body: "after the merge" });
      const { id } = await bench.connector.addComment(comment);
      expect((await bench.connector.findComment(merged.id, comment.externalId))?.id).toBe(id);
      expect((await transcriptOf(bench.agent, survivor.id)).at(-1)?.body).toBe("after the merge");
      await bench.connector.updateTicket(merged.id, { status: "solved" });
      expect(await bench.agent.get(`/ticket/${survivor.id}`)).toMatchObject({ Status: "resolved" });
    });

    it("are found and written to after staff moved them to another queue", async () => {
      const { id, externalId } = await bench.ticket();
      await bench.agent.call("PUT", `/ticket/${id}`, { Queue: rt.otherQueue });
      expect((await bench.connector.findTicket(externalId))?.id).toBe(id);
      const comment = bench.comment(id);
      const made = await bench.connector.addComment(comment);
      expect((await bench.connector.findComment(id, comment.externalId))?.id).toBe(made.id);
    });
  });

  describe("comments", () => {
    it("are the transactions that RT shows", async () => {
      const { id } = await bench.ticket();
      const made = await bench.connector.addComment(bench.comment(id, { body: "Hello" }));
      const note = await bench.connector.addComment(
        bench.comment(id, { body: "Note", visibility: "internal" }),
      );
      const seen = await transcriptOf(bench.agent, id);
      expect(seen.map((comment) => [comment.id, comment.visibility, comment.body])).toEqual([
        [made.id, "public", "Hello"],
        [note.id, "internal", "Note"],
      ]);
      expect(made.address).toBe(`${rt.url}/Ticket/Display.html?id=${id}#txn-${made.id}`);
    });

    it("P18: whose ids differ by case only are two, though RT's search finds both", async () => {
      const { id } = await bench.ticket();
      const [lower, upper] = [
        bench.comment(id, { externalId: "wamid.aa" }),
        bench.comment(id, { externalId: "wamid.AA" }),
      ];
      const first = await bench.connector.addComment(lower);
      expect(await bench.connector.findComment(id, "wamid.AA")).toBeUndefined();
      const second = await bench.connector.addComment(upper);
      expect((await bench.connector.findComment(id, "wamid.aa"))?.id).toBe(first.id);
      expect((await bench.connector.findComment(id, "wamid.AA"))?.id).toBe(second.id);
    });

    it("keep long ids, which RT stores elsewhere", async () => {
      const { id } = await bench.ticket();
      const externalId = `wamid.${"x".repeat(500)}`;
      const made = await bench.connector.addComment(bench.comment(id, { externalId }));
      expect((await bench.connector.findComment(id, externalId))?.id).toBe(made.id);
    });

    it("P18: are known also where a proxy hides which transaction RT made", async () => {
      const { id } = await bench.ticket();
      const proxy = await startFaultProxy(rt.url);
      try {
        const connector = bench.connect({ url: proxy.url });
        const bare = { kind: "answer", status: 201, body: '["Correspondence added"]', after: true } as const;
        const comment = bench.comment(id);
        proxy.set((index) => (index === 0 ? bare : undefined));
        const made = await connector.addComment(comment);
        expect((await bench.connector.findComment(id, comment.externalId))?.id).toBe(made.id);
        // The comment is there: "throttled" would have it written again.
        proxy.set((index) => (index === 0 ? bare : { kind: "answer", status: 429 }));
        expect(await failureOf(connector.addComment(bench.comment(id)))).toMatchObject({ kind: "ambiguous" });
      } finally {
        await proxy.stop();
      }
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

    it("P17: carry a file that is larger than RT's MaxAttachmentSize of 10 MiB", async () => {
      const { id } = await bench.ticket();
      const bytes = randomBytes(12 * 1024 * 1024);
      const attachments = [attachmentOf("film.mp4", "video/mp4", bytes)];
      await bench.connector.addComment(bench.comment(id, { attachments }));
      const [seen] = await transcriptOf(bench.agent, id);
      const digestOf = (data: Buffer | undefined) => data && createHash("sha256").update(data).digest("hex");
      expect(digestOf(seen?.attachments[0]?.bytes)).toBe(digestOf(bytes));
    });
  });
});
