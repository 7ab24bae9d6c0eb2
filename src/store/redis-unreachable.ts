/** What a Redis that is being started, or a name that is not known yet, looks like from here. */
const PASSING =
  /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|no answer)$/;

/** No connection came about. */
export class RedisUnreachable extends Error {
  /** A later try may succeed with the same settings. */
  readonly isPassing: boolean;

  constructor(reason: string, setting: "redis.url" | "redis.cluster" = "redis.url", isPassing?: boolean) {
    super(`Redis cannot be used (${reason}): check ${setting} in the settings`);
    this.name = "RedisUnreachable";
    this.isPassing = isPassing ?? PASSING.test(reason);
  }
}
