import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { control, sandbox } from "../../scripts/sandbox-settings.ts";
import { startDesk } from "../../src/sandbox/desk/server.ts";
import { sampleTemplates } from "../../src/sandbox/graph/sample-templates.ts";
import { startGraph } from "../../src/sandbox/graph/server.ts";
import { runCommand, setUpCommands } from "./command-setup.ts";

/** Settings between both sides of the sandbox, with these templates in the account. */
async function betweenBoth(templates = sampleTemplates) {
  const { phoneNumberId, businessAccountId, accessToken, appSecret, verifyToken } = sandbox;
  const number = { phoneNumberId, wabaId: businessAccountId, accessToken, appSecret, verifyToken };
  const names = { displayPhoneNumber: "+44 1632 960961", verifiedName: "Sandbox Council" };
  const graph = await startGraph({ numbers: [{ ...number, ...names }], templates });
  onTestFinished(() => graph.stop());
  const desk = await startDesk({ token: sandbox.deskToken, webhookSecret: sandbox.webhookSecret });
  onTestFinished(() => desk.stop());
  return setUpCommands({ graphUrl: graph.url, deskUrl: desk.url });
}

describe("deskferry check", () => {
  it("tries everything that the settings name, and says so line by line", { timeout: 60_000 }, async () => {
    const { deskferry, channel } = await betweenBoth();
    const { out } = await deskferry("check");
    const verdicts = out.split("\n").filter((line) => /^\S/.test(line));
    expect(verdicts).toEqual([
      expect.stringMatching(/^ok {4}settings$/),
      // The Redis of tests is not set up as one that must lose nothing.
      expect.stringMatching(/^(ok {4}|FAIL {2})redis$/),
      expect.stringMatching(/^ok {4}mapping .*\/mappings\/sandbox$/),
      `ok    connections.${channel}`,
      `ok    channels.${channel}`,
      `ok    templates for channels.${channel}`,
      expect.stringMatching(/^(All is well|1 of these will not work)\.$/),
    ]);
    expect(out).not.toMatch(/app-secret|graph-token|desk-token/);
  });

  it("fails for each side that does not answer, and goes on to the next", { timeout: 60_000 }, async () => {
    const { deskferry, channel } = await setUpCommands();
    const { out, code } = await deskferry("check");
    for (const what of ["connections", "channels", "templates for channels"])
      expect(out).toMatch(new RegExp(`^FAIL {2}${what}\\.${channel}$`, "m"));
    expect(out).toMatch(/\n[34] of these will not work\.\n$/);
    expect(code).toBe(1);
  });
});

describe("deskferry templates", () => {
  it("lists what the account has, stores it, and lists the stored copy with its age", async () => {
    const { deskferry, channel } = await betweenBoth();
    const { out, code } = await deskferry("templates", "list");
    expect(out.trimEnd().split("\n")).toEqual([
      `channels.${channel}  staff_reply  en  APPROVED  UTILITY  body {{1}}`,
      `channels.${channel}  ticket_solved  en  APPROVED  UTILITY  body {{1}} {{2}}`,
      `channels.${channel}  ticket_waiting  en  APPROVED  UTILITY  body {{1}} {{2}}`,
    ]);
    expect(code).toBe(0);
    expect((await deskferry("templates", "list", "--stored")).out).not.toContain("staff_reply");
    expect((await deskferry("templates", "sync")).code).toBe(0);
    const stored = (await deskferry("templates", "list", "--stored")).out;
    expect(stored).toContain(`channels.${channel}  staff_reply  en  APPROVED`);
  });

  it("compares what the routes send with what is approved", async () => {
    const good = await betweenBoth();
    expect(await good.deskferry("templates", "check")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/staff_reply \(en\), ticket_solved \(en\)[\s\S]*\nAll is well\.\n$/),
    });
    const bad = await betweenBoth(sampleTemplates.filter(({ name }) => name !== "staff_reply"));
    expect(await bad.deskferry("templates", "check")).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /replyTemplate: the account has no template staff_reply[\s\S]*\n1 of these will/,
      ),
    });
  });

  it("fails for an account that cannot be asked, with the reason on the other stream", async () => {
    const { deskferry, channel } = await setUpCommands();
    for (const what of ["list", "sync"]) {
      const { code, out, err } = await deskferry("templates", what);
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(new RegExp(`^channels\\.${channel} {2}\\S`));
    }
  });
});

describe("deskferry emulate", () => {
  /** Runs a server as the command does, until its own listener of SIGTERM is called. */
  async function emulate(...args: string[]) {
    const before = process.listeners("SIGTERM");
    const others = process.listeners("SIGINT");
    const { out } = await runCommand(["emulate", ...args]);
    const [stop] = process.listeners("SIGTERM").filter((one) => !before.includes(one));
    for (const one of process.listeners("SIGINT"))
      if (!others.includes(one)) process.removeListener("SIGINT", one);
    let ended: (code: unknown) => void = () => undefined;
    const end = new Promise((resolve) => {
      ended = resolve;
    });
    const stopped = async () => {
      const exit = vi.spyOn(process, "exit").mockImplementation(((code: unknown) => ended(code)) as never);
      if (stop) process.removeListener("SIGTERM", stop);
      stop?.("SIGTERM");
      const code = await end;
      exit.mockRestore();
      return code;
    };
    return { url: (JSON.parse(out) as { listening: string }).listening, stopped };
  }

  it("graph serves the numbers and templates of files, writes its ledger, and exits 0 when told to end", async () => {
    const { folder } = await setUpCommands();
    const [numbers, templates, ledger] = ["numbers", "templates", "ledger"].map((name) => join(folder, name));
    await writeFile(numbers ?? "", JSON.stringify([{ phoneNumberId: "111" }, { phoneNumberId: "222" }]));
    await writeFile(templates ?? "", JSON.stringify(sampleTemplates.slice(0, 1)));
    const { url, stopped } = await emulate(
      ...["graph", "--numbers", numbers ?? "", "--templates", templates ?? "", "--ledger", ledger ?? ""],
      ...["--token", "t", "--statuses", "sent=0"],
    );
    const ask = async (id: string, token: string) =>
      (await fetch(`${url}/v26.0/${id}`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask("111", "t"), await ask("222", "t")]).toEqual([200, 200]);
    expect([await ask("333", "t"), await ask("111", "wrong")]).toEqual([400, 401]);
    const person = { phone: "+447700900171" };
    await control(url, "POST", "/messages", { phoneNumberId: "222", person, text: "No light", wait: true });
    const listed = await fetch(`${url}/v26.0/${sandbox.businessAccountId}/message_templates`, {
      headers: { authorization: "Bearer t" },
    });
    expect(await listed.json()).toMatchObject({ data: [{ name: sampleTemplates[0]?.name }] });
    expect(await stopped()).toBe(0);
    expect(await readFile(ledger ?? "", "utf8")).toContain("447700900171");
  });

  it("desk takes its own token only, and exits 0 when told to end", async () => {
    const { url, stopped } = await emulate("desk", "--token", "d", "--external-ids", "unique", "--lag", "5");
    const ask = (token: string) =>
      fetch(`${url}/api/account`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await ask("d")).json()).toMatchObject({ external_ids: "unique" });
    expect((await ask("desk-token")).status).toBe(401);
    expect(await stopped()).toBe(0);
  });

  it.each([
    [["graph", "--port", "x"], "Use a whole number, 0 or more."],
    [["desk", "--lag", "-1"], "Use a whole number, 0 or more."],
    [["desk", "--external-ids", "some"], "Allowed choices are unique, plain."],
    [["graph", "--statuses", "sent=soon"], "Use for example sent=50,delivered=200,read=600."],
    [["graph", "--statuses", "opened=5"], "Use for example sent=50,delivered=200,read=600."],
  ])("%j is refused", async (args, says) => {
    const { code, err, out } = await runCommand(["emulate", ...args]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(says);
  });

  it("a file that is no list of numbers, or no JSON, is named", async () => {
    const { folder } = await setUpCommands();
    const file = join(folder, "numbers.json");
    await expect(runCommand(["emulate", "graph", "--numbers", file])).rejects.toThrow(`${file}: ENOENT`);
    await writeFile(file, "{}");
    await expect(runCommand(["emulate", "graph", "--numbers", file])).rejects.toThrow(
      `${file}: must be a JSON list of business numbers`,
    );
  });
});

describe("deskferry map attack", () => {
  const attack = async (...cases: object[]) => {
    const { folder } = await setUpCommands();
    const file = join(folder, "hostile.json");
    await writeFile(file, JSON.stringify(cases));
    return runCommand(["map", "attack", "--against", file]);
  };

  it("says of each expression how it ended, and fails when one ended otherwise", {
    timeout: 60_000,
  }, async () => {
    const harmless = { group: "fair", name: "sum", source: '{"name": "x"}', ends: "harmless" };
    const good = await attack(harmless, { group: "bad", name: "syntax", source: "{", ends: "load" });
    expect(good.out).toMatch(/ {2}harmless {2}fair: sum/);
    expect(good.out).toMatch(/ {2}load {6}bad: syntax/);
    expect(good.out).toMatch(/\n2 expressions; slowest verdict \d+ ms \(at most 400\), longest lag/);
    const bad = await attack({ ...harmless, ends: "load" });
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/^FAIL {2}.*fair: sum\n {6}\S[\s\S]*\n1 failed\.\n$/);
  });

  it("refuses a file of another form, and one that is not there", async () => {
    for (const args of [["/nowhere/x.json"], []]) {
      const { code, err } = args[0]
        ? await runCommand(["map", "attack", "--against", args[0]])
        : await attack({});
      expect(code).toBe(2);
      expect(err).toMatch(/--against cannot be read: [\s\S]*See docs\/safe-jsonata\.md/);
    }
  });
});

describe("a name", () => {
  it.each(["Acme", "acme_desk", "1acme", "acme--desk", "a".repeat(41)])(
    "%s is none for a connector: nothing is written",
    async (name) => {
      const { folder } = await setUpCommands();
      const out = join(folder, "made");
      const ended = await runCommand(["create", "connector", name, "--out", out]);
      expect(ended).toMatchObject({ code: 2, out: "", err: expect.stringContaining(`"${name}" is no name`) });
      await expect(readFile(join(out, "package.json"))).rejects.toThrow("ENOENT");
    },
  );
});
