/** What the first command of a transaction answered; throws when it failed, or Redis dropped the transaction. */
export function firstNumberOf(answers: [Error | null, unknown][] | null): number {
  const [first] = answers ?? [];
  if (!first) throw new Error("Redis dropped a transaction");
  const [error, number] = first;
  if (error) throw error;
  return Number(number);
}
