/** Published as `deskferry/sdk/testing`: what the author of a connector needs to test it. No test runner is imported. */
export { attachmentOf } from "./bench.ts";
export {
  type ConformanceGroup,
  type ConformanceOptions,
  connectorConformance,
} from "./connector-conformance.ts";
export { type Fault, type FaultPlan, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
export type { ConnectorHarness, SeenComment, SeenContact, SeenTicket } from "./harness.ts";
export type { TestFunction, TestRunner } from "./runner.ts";
export { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";
