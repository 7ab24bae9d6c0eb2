/** What must not be wrong: each group needs 90 of 100. */
export const core: Record<string, string[]> = {
  signature: [
    "src/sdk/signature.ts",
    "src/channels/meta/verify.ts",
    "src/channels/meta/handshake.ts",
    "src/channels/dialog360/verify.ts",
    "src/channels/twilio/verify.ts",
  ],
  dedupe: [
    "src/store/append.lua",
    "src/store/keep.lua",
    "src/store/begin.lua",
    "src/store/postpone.lua",
    "src/store/pop.lua",
    "src/store/exchange.lua",
    "src/store/mailbox.ts",
    "src/store/keys.ts",
  ],
  "intents and links": [
    "src/store/intents.ts",
    "src/store/links.ts",
    "src/store/outbounds.ts",
    "src/store/withdraw.lua",
    "src/store/withdraw.ts",
    "src/store/release.lua",
    "src/store/receipt.lua",
    "src/store/note-status.lua",
    "src/inbound/ensure-once.ts",
    "src/outbound/send-once.ts",
  ],
  "error classing": [
    "src/sdk/errors.ts",
    "src/channels/cloud-api/error-table.ts",
    "src/channels/cloud-api/errors.ts",
    "src/outbound/problem.ts",
    "src/queue/verdict.ts",
  ],
  "address guard": ["src/sdk/address-guard.ts", "src/sdk/embedded-address.ts", "src/sdk/redirect-target.ts"],
  redaction: ["src/telemetry/redact.ts", "src/config/redact.ts"],
};

/**
 * Which tests are asked about a file, in this order, where its imports do not tell: whatever reaches a file of the core
 * reaches it from everywhere, and no test imports a script. judges.ts finds those of all other files.
 */
export const asked: Record<string, string[]> = {
  "src/sdk/signature.ts": ["test/sdk/signature.test.ts", "test/channels/meta-verify.test.ts"],
  "src/channels/meta/verify.ts": ["test/channels/meta-verify.test.ts"],
  "src/channels/meta/handshake.ts": ["test/channels/meta-verify.test.ts"],
  "src/channels/dialog360/verify.ts": ["test/channels/dialog360.test.ts"],
  "src/channels/twilio/verify.ts": ["test/channels/twilio.test.ts", "test/channels/twilio-webhook.test.ts"],
  "src/store/append.lua": [
    "test/store/identity.test.ts",
    "test/store/mailbox.test.ts",
    "test/store/identity-joined.test.ts",
    "test/store/identity-records.test.ts",
    "test/store/identity-joined-records.test.ts",
    "test/store/mailbox-hands.test.ts",
    "test/store/encrypted-people.test.ts",
    "test/store/identity-property.test.ts",
    "test/inbound/identity-stories.test.ts",
    "test/outbound/opt-out.test.ts",
  ],
  "src/store/mailbox.ts": [
    "test/store/mailbox.test.ts",
    "test/store/mailbox-hands.test.ts",
    "test/store/identity.test.ts",
    "test/store/identity-records.test.ts",
    "test/queue/join-messages.test.ts",
    "test/store/encrypted-people.test.ts",
    "test/queue/newer-version.test.ts",
  ],
  "src/store/keys.ts": [
    "test/store/keys.test.ts",
    "test/store/mailbox.test.ts",
    "test/store/links.test.ts",
    "test/store/outbounds.test.ts",
  ],
  "src/store/intents.ts": ["test/store/intents.test.ts", "test/inbound/ensure-once.test.ts"],
  "src/store/links.ts": [
    "test/store/links.test.ts",
    "test/inbound/crash-places.test.ts",
    "test/store/identity.test.ts",
  ],
  "src/store/outbounds.ts": ["test/store/outbounds.test.ts", "test/outbound/handle-receipt.test.ts"],
  "src/inbound/ensure-once.ts": ["test/inbound/ensure-once.test.ts", "test/inbound/crash-places.test.ts"],
  "src/sdk/redirect-target.ts": ["test/sdk/redirect-target.test.ts"],
  "src/store/begin.lua": [
    "test/store/mailbox.test.ts",
    "test/store/mailbox-hands.test.ts",
    "test/queue/drain.test.ts",
  ],
  "src/store/postpone.lua": [
    "test/store/mailbox.test.ts",
    "test/store/mailbox-hands.test.ts",
    "test/queue/drain.test.ts",
  ],
  "src/store/pop.lua": [
    "test/store/mailbox.test.ts",
    "test/store/mailbox-hands.test.ts",
    "test/queue/drain.test.ts",
  ],
  "src/store/exchange.lua": [
    "test/store/mailbox-hands.test.ts",
    "test/queue/join-messages.test.ts",
    "test/queue/lost-answers.test.ts",
  ],
  "src/store/keep.lua": [
    "test/store/mailbox-hands.test.ts",
    "test/queue/intake.test.ts",
    "test/app/webhooks.test.ts",
  ],
  "src/store/withdraw.lua": [
    "test/store/intents.test.ts",
    "test/store/outbounds.test.ts",
    "test/queue/lost-answers.test.ts",
  ],
  "src/store/withdraw.ts": [
    "test/store/intents.test.ts",
    "test/store/outbounds.test.ts",
    "test/queue/lost-answers.test.ts",
  ],
  "src/store/release.lua": ["test/store/mailbox.test.ts"],
  "src/store/receipt.lua": ["test/store/outbounds.test.ts", "test/outbound/handle-receipt.test.ts"],
  "src/store/note-status.lua": ["test/store/links.test.ts"],
  "src/store/pace.lua": ["test/store/pace.test.ts"],
  "src/store/call-turn.lua": ["test/store/call-pace.test.ts"],
  "src/store/call-pause.lua": ["test/store/call-pace.test.ts"],
  "src/store/record.lua": ["test/store/recordings.test.ts"],
  "src/store/audit.lua": ["test/store/audits.test.ts", "test/queue/lost-answers.test.ts"],
  "src/store/lease.lua": ["test/store/polling.test.ts"],
  "src/store/probe.lua": ["test/outbound/channel-stop.test.ts"],
  "src/store/probe-now.lua": ["test/outbound/channel-stop.test.ts"],
  "src/store/consent.lua": ["test/outbound/opt-out.test.ts", "test/inbound/handle-consent.test.ts"],
  "src/outbound/send-once.ts": [
    "test/outbound/send-once.test.ts",
    "test/outbound/price.test.ts",
    "test/outbound/send-files.test.ts",
    "test/outbound/channel-stop.test.ts",
  ],
  "src/channels/cloud-api/error-table.ts": [
    "test/channels/graph-error.test.ts",
    "test/channels/meta-errors.test.ts",
  ],
  "src/channels/cloud-api/errors.ts": ["test/channels/graph-error.test.ts"],
  "src/outbound/problem.ts": [
    "test/outbound/problem.test.ts",
    "test/outbound/refusals.test.ts",
    "test/outbound/channel-stop.test.ts",
  ],
  "src/sdk/errors.ts": ["test/sdk/errors.test.ts"],
  "src/sdk/address-guard.ts": ["test/sdk/address-guard.test.ts", "test/connectors/http-auth.test.ts"],
  "src/sdk/embedded-address.ts": ["test/sdk/address-guard.test.ts"],
  "src/telemetry/redact.ts": ["test/telemetry/redact.test.ts"],
  "src/config/redact.ts": ["test/config/redact.test.ts"],
  "src/queue/verdict.ts": ["test/queue/verdict.test.ts"],
};

/** Of the core and of the rest, in hundredths. */
export const wanted = { core: 90, rest: 75 };

/** Test files that are asked about a mutant at most: one that they all pass has survived. */
export const mostJudges = { core: 6, rest: 4 };
