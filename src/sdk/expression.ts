/** JSONata from the settings of a connection. */
export interface Expression {
  source: string;
  /** Where it stands in the settings, for errors: `operations.createTicket.body`. */
  place: string;
}

/**
 * Runs JSONata with bounds on time and memory, under the rules of mapping files: what a server answers is not trusted,
 * and JSONata must not run in our own process. Both throw PluginError, `config` when the expression is none, and
 * `rejected` when it fails on this input or takes too long. Their messages quote nothing of the input.
 */
export interface Expressions {
  compile(expression: Expression): Promise<void>;
  /** As JSON carries the result; undefined when there is none. */
  evaluate(expression: Expression, input: unknown): Promise<unknown>;
}
