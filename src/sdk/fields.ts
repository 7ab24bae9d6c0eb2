import { z } from "zod";

/** A setting that must never be shown: masked in `deskferry check`, logs and generated pages. */
export function secret(description: string) {
  return z.string().min(1).meta({ secret: true, description });
}

/** Base address of a server, without a trailing slash; http only for tests and private networks. */
export function serverUrl(description: string) {
  return z
    .url({ protocol: /^https?$/ })
    .transform((value) => value.replace(/\/+$/, ""))
    .meta({ description });
}
