/** The rooms of src/ and whom they may import; `docs/architecture.md` explains them. A room may always import itself. */
export const rooms: Record<string, { imports: readonly string[]; typesOnly?: readonly string[] }> = {
  domain: { imports: [] },
  sdk: { imports: ["domain"] },
  telemetry: { imports: ["domain"] },
  mapping: { imports: ["domain"] },
  config: { imports: ["domain", "sdk"] },
  store: { imports: ["domain", "telemetry"] },
  queue: { imports: ["domain", "store", "telemetry"] },
  channels: { imports: ["sdk"] },
  connectors: { imports: ["sdk"] },
  inbound: { imports: ["domain", "sdk", "mapping", "store", "telemetry"], typesOnly: ["sdk"] },
  outbound: { imports: ["domain", "sdk", "mapping", "store", "telemetry"], typesOnly: ["sdk"] },
  http: { imports: ["domain", "sdk", "queue", "telemetry"], typesOnly: ["sdk"] },
  console: { imports: ["domain", "store", "queue", "mapping", "telemetry"] },
  playground: { imports: ["domain", "mapping"] },
  sandbox: { imports: ["domain", "sdk"] },
  cli: { imports: ["config", "mapping", "playground", "sandbox", "app"] },
  main: { imports: ["cli"] },
};

/** Rooms that may import every room: they put the others together. */
export const composers: readonly string[] = ["app", "scripts", "test"];

/** One home per package, so that replacing a library is work in one place. A path, or the beginning of one. */
export const packageHomes: Record<string, readonly string[]> = {
  axios: ["src/sdk/http-client.ts", "src/sdk/undici-adapter.ts"],
  bullmq: ["src/queue/"],
  commander: ["src/cli/"],
  "csv-parse": ["src/mapping/"],
  diff: ["src/mapping/"],
  express: ["src/http/", "src/console/", "src/playground/", "src/sandbox/"],
  "form-data": ["src/sdk/form-body.ts"],
  "franc-min": ["src/mapping/"],
  helmet: ["src/http/", "src/console/", "src/playground/", "src/sandbox/"],
  ioredis: ["src/store/", "src/queue/"],
  jsonata: ["src/mapping/"],
  "junit-report-builder": ["src/mapping/"],
  "libphonenumber-js": ["src/domain/phone.ts"],
  luxon: ["src/mapping/"],
  "mime-types": ["src/inbound/"],
  opossum: ["src/app/"],
  "prom-client": ["src/telemetry/"],
  re2js: ["src/mapping/"],
  undici: ["src/sdk/address-guard.ts", "src/sdk/undici-adapter.ts", "src/sdk/http-client.ts"],
  winston: ["src/telemetry/"],
  // Settings, and the tables, calendars and labels beside mapping files, which may not reach into config.
  yaml: ["src/config/", "src/mapping/lookups/"],
  zod: ["src/domain/", "src/mapping/", "src/sdk/", "src/config/", "src/channels/", "connectors/"],
};

/** Packages that a build bundles into a page: not there at run time, hence development dependencies. */
export const bundledPackages: Record<string, readonly string[]> = {
  "@codemirror/autocomplete": ["src/playground/page/"],
  "@codemirror/commands": ["src/playground/page/"],
  "@codemirror/lang-json": ["src/playground/page/"],
  "@codemirror/language": ["src/playground/page/"],
  "@codemirror/lint": ["src/playground/page/"],
  "@codemirror/state": ["src/playground/page/"],
  "@codemirror/view": ["src/playground/page/"],
  "@lezer/highlight": ["src/playground/page/"],
};

/** What may be used of Node in rooms that do no input or output of their own. Elsewhere all of it. */
export const builtins: Record<string, readonly string[]> = {
  // A hash is a pure function.
  domain: ["node:crypto"],
  connectors: ["node:buffer", "node:crypto", "node:stream", "node:url"],
};

/** Lines of a file. Longer ones hold two subjects. */
export const budgets = { source: 300, test: 600, medianOfSource: 110 };

/** Names that say nothing of what is inside. */
export const emptyNames = new Set(
  "base common constant constants helper helpers interfaces lib manager misc service shared types util utils".split(
    " ",
  ),
);

export const barrels: readonly string[] = ["src/sdk/index.ts", "src/sdk/testing/index.ts"];
export const environmentReaders: readonly string[] = ["src/config/env.ts"];
