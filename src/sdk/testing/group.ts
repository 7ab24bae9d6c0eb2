import type { z } from "zod";
import type { Connector, ConnectorDefinition } from "../connector.ts";
import type { Bench } from "./bench.ts";

/** What groups of tests are made of. */
export interface GroupContext<S extends z.ZodType = z.ZodType> {
  definition: ConnectorDefinition<S>;
  exampleSettings: unknown;
  /** A connector with the example settings, for its methods and capabilities; its server does not exist. */
  example: Connector;
  test(name: string, run: (bench: Bench) => Promise<void>): void;
  afterAll(run: () => Promise<void>): void;
}

export interface Group {
  /** Why the group does not apply to this connector, by what it declares. */
  inapplicable?(example: Connector): string | undefined;
  define(context: GroupContext): void;
}
