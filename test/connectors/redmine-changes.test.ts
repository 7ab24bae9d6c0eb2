import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Redmine, redmineMissing, startRedmine } from "../../scripts/redmine.ts";
import { createBench } from "./redmine-bench.ts";

const missing = redmineMissing();
if (missing) console.log(missing);

describe.skipIf(missing !== undefined)("changes of a Redmine 5", () => {
  let redmine: Redmine;
  let bench: ReturnType<typeof createBench>;
  beforeAll(async () => {
    redmine = await startRedmine();
    bench = createBench(redmine);
  }, 120_000);
  afterAll(async () => redmine?.stop());

  it("a note and a change of status in one go are two events, the note first", async () => {
    const { id, externalId } = await bench.ticket();
    const poll = bench.poller();
    await poll();
    await bench.agent.write(id, { notes: "Done.", status_id: 3 });
    expect(await poll()).toMatchObject([
      {
        type: "comment.added",
        body: "Done.",
        visibility: "public",
        author: { id: redmine.agent.id, name: "Agent Test", isUs: false },
        ticket: { id, externalId, status: "solved", subject: "Street light", queue: "whatsapp" },
      },
      { type: "ticket.changed", from: "new", to: "solved", ticket: { id, rawStatus: "Resolved" } },
    ]);
    expect(await poll()).toEqual([]);
  });

  it("P19: the files of a private note are named to nobody, though Redmine shows them apart from it", async () => {
    const { id } = await bench.ticket();
    const poll = bench.poller();
    await poll();
    const file = { name: "passport.jpg", mimeType: "image/jpeg", bytes: Buffer.from("jpeg") };
    await bench.agent.withFiles(id, { notes: "inside", private_notes: true }, [file]);
    await bench.agent.withFiles(id, {}, [file]);
    const events = await poll();
    expect(events).toMatchObject([{ body: "inside", visibility: "internal", attachments: [] }]);
    expect(events).toHaveLength(1);
  });

  it("P19: a note by somebody who is not staff stays inside, in a public project too", async () => {
    const connector = bench.connect({ project: redmine.openProject });
    const { id } = await bench.ticket({}, connector);
    const poll = bench.poller(connector);
    await poll();
    bench.warnings.length = 0;
    await bench.agent.write(id, { notes: "me too!" }, redmine.outsider.key);
    await bench.agent.reply(id, "from staff");
    expect(await poll()).toMatchObject([
      { body: "me too!", visibility: "internal" },
      { body: "from staff", visibility: "public" },
    ]);
    expect(bench.warnings).toEqual([expect.stringMatching(/not staff/)]);
  });

  it("P19: only the roles of staffRoles answer, where they are named", async () => {
    const connector = bench.connect({ staffRoles: ["Developer"] });
    const { id } = await bench.ticket({}, connector);
    const poll = bench.poller(connector);
    await poll();
    await bench.agent.reply(id, "a manager's words");
    expect(await poll()).toMatchObject([{ visibility: "internal" }]);
  });

  it("a colleague who joined a moment ago is staff", async () => {
    const { id } = await bench.ticket();
    const poll = bench.poller();
    await bench.agent.reply(id, "fills the list of members");
    await poll();
    const membership = { user_id: Number(redmine.outsider.id), role_ids: [3] };
    const path = `/projects/${redmine.project}/memberships.json`;
    await bench.agent.send(redmine.admin.key, "POST", path, { membership });
    await bench.agent.write(id, { notes: "I am new here" }, redmine.outsider.key);
    expect(await poll()).toMatchObject([{ body: "I am new here", visibility: "public" }]);
  });

  it("a note that staff take back before it was seen never goes out, one that was seen goes once", async () => {
    const { id } = await bench.ticket();
    const poll = bench.poller();
    await poll();
    await bench.agent.reply(id, "a slip");
    const [slip] = (await bench.agent.issue(id)).journals;
    await bench.agent.send(redmine.admin.key, "PUT", `/journals/${slip?.id}.json`, {
      journal: { notes: "" },
    });
    await bench.agent.reply(id, "meant");
    expect((await poll()).map((event) => event.type === "comment.added" && event.body)).toEqual(["meant"]);
    const meant = (await bench.agent.issue(id)).journals.at(-1);
    const journal = { notes: "meant, and edited" };
    await bench.agent.send(redmine.admin.key, "PUT", `/journals/${meant?.id}.json`, { journal });
    await bench.agent.setStatus(id, "pending");
    expect((await poll()).map(({ type }) => type)).toEqual(["ticket.changed"]);
  });

  it("P10: more changes in one second than one call reads come whole and once", async () => {
    const poll = bench.poller();
    await poll();
    await redmine.ruby(`
      project = Project.find('whatsapp')
      field = IssueCustomField.find_by!(name: 'DeskferryTicket')
      agent = User.find(${redmine.agent.id})
      Setting.notified_events = []
      Issue.transaction do
        60.times do |index|
          issue = Issue.create!(project: project, tracker: project.trackers.first, author: agent, subject: 'Bulk',
                                custom_field_values: { field.id => "deskferry/city/bulk#{index}/1" })
          issue.reload
          issue.init_journal(agent, "bulk #{index}")
          issue.save!
        end
      end`);
    const bodies = (await poll()).map((event) => event.type === "comment.added" && event.body);
    expect(bodies).toEqual(Array.from({ length: 60 }, (_, index) => `bulk ${index}`));
    expect(await poll()).toEqual([]);
  }, 180_000);

  it("what did not change any more is not read again", async () => {
    let now = Date.now();
    const connector = bench.connect({}, () => now);
    const { id } = await bench.ticket();
    const first = await connector.listChanges(undefined);
    await bench.agent.reply(id, "one");
    let { cursor } = await connector.listChanges(first.cursor);
    const lastRead = () => JSON.parse(cursor).seen[id].lastRead as number;
    const reads = [lastRead()];
    for (let poll = 0; poll < 4; poll++) {
      now += 20_000;
      ({ cursor } = await connector.listChanges(cursor));
      reads.push(lastRead());
    }
    // Twice more until it is certain that no second change of the same second is on its way.
    expect(new Set(reads).size).toBe(3);
  });

  // The last one: what it makes lies ahead of the clock.
  it("P10: nothing is passed over on issues that one call does not get to, however old it is by then", async () => {
    const poll = bench.poller();
    await poll();
    await redmine.ruby(`
      project = Project.find('whatsapp')
      field = IssueCustomField.find_by!(name: 'DeskferryTicket')
      agent = User.find(${redmine.agent.id})
      Setting.notified_events = []
      base = Time.now.utc
      60.times do |index|
        issue = Issue.create!(project: project, tracker: project.trackers.first, author: agent, subject: 'Late',
                              custom_field_values: { field.id => "deskferry/city/late#{index}/1" })
        [['early', 60], ['late', 600 + index]].each do |word, seconds|
          issue = Issue.find(issue.id)
          issue.init_journal(agent, "#{word} #{index}")
          issue.save!
          issue.journals.last.update_columns(created_on: base + seconds)
          issue.update_columns(updated_on: base + seconds)
        end
      end`);
    const bodies = (await poll()).map((event) => (event.type === "comment.added" ? event.body : ""));
    const expected = Array.from({ length: 60 }, (_, index) => [`early ${index}`, `late ${index}`]).flat();
    expect(expected.filter((body) => !bodies.includes(body))).toEqual([]);
    expect(bodies).toHaveLength(120);
  }, 180_000);
});
