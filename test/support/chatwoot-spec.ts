import { loadVendorSpec } from "./vendor-spec.ts";

/** Chatwoot's own description of its API, 4.11.0; see test/specs/chatwoot/readme.md. */
export const { requestProblems } = loadVendorSpec("chatwoot", "Chatwoot");
