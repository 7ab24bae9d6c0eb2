import type { ConnectorDefinition } from "deskferry/sdk";

/** Connectors by the name that `use:` takes. One line each; an entry is loaded when it is used. */
export const connectors: Record<string, () => Promise<{ default: ConnectorDefinition }>> = {
  chatwoot: () => import("./chatwoot/index.ts"),
  espocrm: () => import("./espocrm/index.ts"),
  freshdesk: () => import("./freshdesk/index.ts"),
  http: () => import("./http/index.ts"),
  hubspot: () => import("./hubspot/index.ts"),
  "jira-service-management": () => import("./jira-service-management/index.ts"),
  odoo: () => import("./odoo/index.ts"),
  osticket: () => import("./osticket/index.ts"),
  redmine: () => import("./redmine/index.ts"),
  "request-tracker": () => import("./request-tracker/index.ts"),
  salesforce: () => import("./salesforce/index.ts"),
  sandbox: () => import("./sandbox/index.ts"),
  zammad: () => import("./zammad/index.ts"),
  zendesk: () => import("./zendesk/index.ts"),
  znuny: () => import("./znuny/index.ts"),
};
