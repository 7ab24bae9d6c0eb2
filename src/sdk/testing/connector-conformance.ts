import type { z } from "zod";
import type { Connector, ConnectorDefinition } from "../connector.ts";
import { attachmentsGroup } from "./attachments-group.ts";
import { type Bench, startBench } from "./bench.ts";
import { commentsGroup } from "./comments-group.ts";
import { contactsGroup } from "./contacts-group.ts";
import { errorsGroup } from "./errors-group.ts";
import { fetchingGroup } from "./fetching-group.ts";
import { fieldsGroup } from "./fields-group.ts";
import type { Group } from "./group.ts";
import type { ConnectorHarness } from "./harness.ts";
import { pollingGroup } from "./polling-group.ts";
import { recoveryGroup } from "./recovery-group.ts";
import type { TestRunner } from "./runner.ts";
import { secrecyGroup } from "./secrecy-group.ts";
import { settingsGroup } from "./settings-group.ts";
import { textsGroup } from "./texts-group.ts";
import { ticketsGroup } from "./tickets-group.ts";
import { webhookAgeGroup, webhooksGroup } from "./webhooks-group.ts";

const groups = {
  settings: settingsGroup,
  contacts: contactsGroup,
  tickets: ticketsGroup,
  fields: fieldsGroup,
  comments: commentsGroup,
  attachments: attachmentsGroup,
  fetching: fetchingGroup,
  texts: textsGroup,
  errors: errorsGroup,
  recovery: recoveryGroup,
  secrecy: secrecyGroup,
  webhooks: webhooksGroup,
  "webhook age": webhookAgeGroup,
  polling: pollingGroup,
} satisfies Record<string, Group>;

export type ConformanceGroup = keyof typeof groups;

export interface ConformanceOptions<S extends z.ZodType = z.ZodType> {
  definition: ConnectorDefinition<S>;
  /** Settings that are valid and complete; their server need not exist. Capabilities are read from them. */
  exampleSettings: unknown;
  /** Called once, before the first test that needs a server. */
  start(): Promise<ConnectorHarness>;
  /** Groups that are left out although the connector's capabilities ask for them, each with the reason. */
  skip?: Partial<Record<ConformanceGroup, string>>;
  /** Of one test. Default 60 s. */
  timeoutMs?: number;
}

const START_MS = 120_000;

/**
 * Defines the tests that every connector must pass, in-tree or not. Groups that do not apply by what the connector
 * declares, or that `skip` names, appear as skipped with the reason.
 */
export function connectorConformance<S extends z.ZodType>(
  runner: TestRunner,
  options: ConformanceOptions<S>,
): void {
  const { definition, exampleSettings, skip = {} } = options;
  const example = exampleOf(definition, exampleSettings);
  runner.describe(`${definition.label} as a connector`, () => {
    let bench: Bench | undefined;
    let harness: ConnectorHarness | undefined;
    runner.beforeAll(async () => {
      harness = await options.start();
      bench = await startBench(definition, harness);
    }, START_MS);
    runner.afterAll(async () => {
      await bench?.stop();
      await harness?.stop();
    }, START_MS);
    for (const [name, group] of Object.entries(groups) as [ConformanceGroup, Group][]) {
      const reason = skip[name] ?? group.inapplicable?.(example);
      if (reason !== undefined) {
        runner.it.skip(`${name}: ${reason}`, async () => undefined);
        continue;
      }
      runner.describe(name, () => {
        group.define({
          definition,
          exampleSettings,
          example,
          afterAll: (run) => runner.afterAll(run),
          test: (title, run) =>
            runner.it(
              title,
              async () => {
                if (!bench) throw new Error("the server under test did not start");
                await run(bench);
              },
              options.timeoutMs ?? 60_000,
            ),
        });
      });
    }
  });
}

/** Made without any server: `create` must do no input or output. */
function exampleOf<S extends z.ZodType>(definition: ConnectorDefinition<S>, settings: unknown): Connector {
  const config = definition.config.parse(settings);
  const never = () => Promise.reject(new Error("the example connector has no server"));
  const quiet = () => undefined;
  return definition.create(config, {
    http: () => ({ request: never, download: never }),
    log: { debug: quiet, info: quiet, warn: quiet },
    clock: { now: Date.now },
  });
}
