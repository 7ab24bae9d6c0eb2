import express from "express";
import { expect, onTestFinished, test } from "vitest";
import { newPlay, perform } from "../../scripts/chaos/play.ts";
import type { Stage } from "../../scripts/chaos/stage.ts";
import { suites } from "../../scripts/chaos/suites.ts";
import { control } from "../../scripts/sandbox-settings.ts";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import { startDesk } from "../../src/sandbox/desk/server.ts";
import { listen } from "../../src/sandbox/listen.ts";

const [suite = expect.fail("no suite")] = suites.filter(({ name }) => name === "class-a");

/** Takes every webhook but those of answers, which must be posted a third time, as if intakes were dead meanwhile. */
async function startIntake() {
  const taken: string[] = [];
  const refused = new Map<string, number>();
  const app = express();
  app.post("/", express.json(), (request, response) => {
    const { id, type } = request.body as { id: string; type: string };
    const times = refused.get(id) ?? 0;
    refused.set(id, times + 1);
    const isTaken = type !== "comment.added" || times === 2;
    if (isTaken) taken.push(type);
    response.sendStatus(isTaken ? 200 : 503);
  });
  const intake = await listen(app);
  onTestFinished(() => intake.stop());
  return { url: intake.url, taken };
}

test("staff close a ticket when what they answered before was taken in, however often its webhook had to be repeated", async () => {
  const intake = await startIntake();
  const desk = await startDesk({
    token: "token",
    webhookSecret: "secret",
    callbackUrl: intake.url,
    retryDelaysMs: [100, 200, 400],
  });
  onTestFinished(() => desk.stop());
  const play = newPlay(suite, suites);
  for (const [index, { phone }] of play.people.entries()) {
    const person = { external_id: `person-${index}`, name: `Person ${index}`, phone };
    const contact = (await control(desk.url, "POST", "/contacts", person)) as { id: string };
    await control(desk.url, "POST", "/tickets", { subject: "Bins", contact_id: contact.id });
  }
  const stage = {
    graph: () => Promise.resolve({ wamids: [] }),
    desk: (_suite: unknown, method: string, address: string, body?: unknown) =>
      control(desk.url, method, address, body),
    deskLedger: () => control(desk.url, "GET", "/ledger") as Promise<DeskLedger>,
  } as Partial<Stage> as Stage;

  await perform(play, suite, {
    suites,
    stage,
    random: () => 0.5,
    // No more kills to come: the fourth round, in which staff answer, is the last.
    untilKilled: () => Promise.resolve(false),
  });

  const ofEach = (type: string) => new Array<string>(suite.people).fill(type);
  await expect.poll(() => intake.taken.slice(-suite.people)).toEqual(ofEach("ticket.updated"));
  expect(intake.taken.slice(-2 * suite.people, -suite.people)).toEqual(ofEach("comment.added"));
});
