import { startRedis } from "../../scripts/private-redis.ts";

/**
 * Gives every test file a Redis in `process.env.REDIS_URL` (worker processes inherit it). Test files share it:
 * each keeps apart by a channel name or key prefix of its own, and none may flush it.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const redis = await startRedis();
  process.env["REDIS_URL"] = redis.url;
  return redis.stop;
}
