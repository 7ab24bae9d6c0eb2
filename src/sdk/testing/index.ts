/** Published as `deskferry/sdk/testing`: what the author of a connector or channel type needs to test it. No test runner is imported. */
export { attachmentOf } from "./bench.ts";
export { type ChannelConformanceOptions, channelConformance } from "./channel-conformance.ts";
export type { ChannelHarness } from "./channel-harness.ts";
export {
  type ConformanceGroup,
  type ConformanceOptions,
  connectorConformance,
} from "./connector-conformance.ts";
export { type Fault, type FaultPlan, type FaultProxy, type Passed, startFaultProxy } from "./fault-proxy.ts";
export type { ConnectorHarness, SeenComment, SeenContact, SeenTicket, StaffFile } from "./harness.ts";
export type { TestFunction, TestRunner } from "./runner.ts";
export { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";
