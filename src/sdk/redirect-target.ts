const REDIRECTIONS = [301, 302, 303, 307, 308];

/**
 * Where a redirection of `from` leads, if it is one of `hosts` (`host` or `host:port`) or below one, and as well guarded
 * on the way as the server that sends us there. Undefined for what is none, and for what must not be followed.
 */
export function redirectTarget(
  status: number,
  location: string | undefined,
  { from, hosts }: { from: URL; hosts: string[] },
): URL | undefined {
  if (!REDIRECTIONS.includes(status) || !location || !URL.canParse(location, from.href)) return undefined;
  const url = new URL(location, from.href);
  const isNamed = hosts.some((host) => url.host === host || url.host.endsWith(`.${host}`));
  const isGuarded = url.protocol === "https:" || (url.protocol === "http:" && from.protocol === "http:");
  return isNamed && isGuarded && url.username === "" && url.password === "" ? url : undefined;
}
