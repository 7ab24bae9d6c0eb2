import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Figures for Prometheus. Labels are names from the settings and closed lists, never anything a person sent. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    webhooks: new Counter({
      name: "deskferry_webhooks_total",
      help: "Webhooks by source and answer",
      labelNames: ["source", "name", "answer"],
      registers,
    }),
    accepted: new Counter({
      name: "deskferry_events_accepted_total",
      help: "Events taken in: fresh, repeated, kept or quarantined",
      labelNames: ["channel", "outcome"],
      registers,
    }),
    notUnderstood: new Counter({
      name: "deskferry_not_understood_total",
      help: "What the provider sent and this version does not know: message, status or field",
      labelNames: ["channel", "what"],
      registers,
    }),
    ignored: new Counter({
      name: "deskferry_changes_ignored_total",
      help: "Changes of tickets that did not come from WhatsApp",
      labelNames: ["connection"],
      registers,
    }),
    leftOut: new Counter({
      name: "deskferry_ticket_fields_left_out_total",
      help: "Fields of new tickets that a mapping gave and the helpdesk has no place for",
      labelNames: ["connection", "field"],
      registers,
    }),
    filesRefused: new Counter({
      name: "deskferry_files_refused_total",
      help: "Files of people that were named on the ticket instead of carried over, by what they are",
      labelNames: ["channel", "why"],
      registers,
    }),
    handled: new Counter({
      name: "deskferry_events_handled_total",
      help: "Events handled, by outcome: done, retry, dead",
      labelNames: ["channel", "lane", "type", "outcome"],
      registers,
    }),
    newer: new Counter({
      name: "deskferry_newer_events_total",
      help: "Times an event was left to a worker of a newer version, which wrote it",
      labelNames: ["channel"],
      registers,
    }),
    age: new Histogram({
      name: "deskferry_event_age_seconds",
      help: "From the event at its source to its end with us",
      labelNames: ["channel", "lane"],
      buckets: [0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 86400],
      registers,
    }),
    undecryptable: createUndecryptable(registers),
    ...createSendCounters(registers),
    ...createGauges(registers),
  };
}

/** What went out, and what became of it. */
function createSendCounters(registers: Registry[]) {
  return {
    sends: new Counter({
      name: "deskferry_sends_total",
      help: "Messages to WhatsApp by kind and outcome",
      labelNames: ["channel", "kind", "outcome"],
      registers,
    }),
    sendsPaced: new Counter({
      name: "deskferry_sends_paced_total",
      help: "Times a message waited so that Meta's limit of the number or of the person is kept",
      labelNames: ["channel", "by"],
      registers,
    }),
    readMarks: new Counter({
      name: "deskferry_read_marks_total",
      help: "Blue ticks that went with a reply, by outcome: marked, failed; a failure is not tried again",
      labelNames: ["channel", "outcome"],
      registers,
    }),
    receipts: new Counter({
      name: "deskferry_receipts_total",
      help: "Receipts by state",
      labelNames: ["channel", "state"],
      registers,
    }),
    priced: new Counter({
      name: "deskferry_messages_priced_total",
      help: "Delivered messages by what WhatsApp says of their price: its category and type",
      labelNames: ["channel", "category", "type"],
      registers,
    }),
    problems: new Counter({
      name: "deskferry_send_problems_total",
      help: "Messages that WhatsApp refused, by what that made us do; in its answer or by a receipt",
      labelNames: ["channel", "action", "by"],
      registers,
    }),
    secretChanges: createSecretChanges(registers),
    auditFailed: createAuditFailed(registers),
    expired: createExpired(registers),
    ...createCallFigures(registers),
    undelivered: createUndelivered(registers),
    ...createMappingMetrics(registers),
  };
}

function createUndecryptable(registers: Registry[]) {
  return new Counter({
    name: "deskferry_undecryptable_total",
    help: "Times an event waited because something of it could not be decrypted: its key is missing, or it was changed",
    labelNames: ["channel", "lane"],
    registers,
  });
}

function createSecretChanges(registers: Registry[]) {
  return new Counter({
    name: "deskferry_secret_changes_total",
    help: "Changes of secret files: taken into use, refused, or waiting for a restart",
    labelNames: ["outcome"],
    registers,
  });
}

function createAuditFailed(registers: Registry[]) {
  return new Counter({
    name: "deskferry_audit_failed_total",
    help: "Entries of the audit log that could not be written although what they tell of has happened",
    registers,
  });
}

function createExpired(registers: Registry[]) {
  return new Counter({
    name: "deskferry_expired_total",
    help: "What nobody saw to before it was too old to be kept: dead letters, quarantine",
    labelNames: ["channel", "what"],
    registers,
  });
}

function createUndelivered(registers: Registry[]) {
  return new Counter({
    name: "deskferry_undelivered_total",
    help: "Messages that WhatsApp has not reported as delivered in time: late so far, or lost",
    labelNames: ["channel", "stage"],
    registers,
  });
}

function createMappingMetrics(registers: Registry[]) {
  return {
    mappingReloads: new Counter({
      name: "deskferry_mapping_reloads_total",
      help: "Changed mapping folders by what became of them: in use, refused",
      labelNames: ["mapping", "outcome"],
      registers,
    }),
    mappingRefused: new Gauge({
      name: "deskferry_mapping_refused",
      help: "1 while a changed mapping folder is refused and what was there before works on",
      labelNames: ["mapping"],
      registers,
    }),
  };
}

/** What goes on between us and the helpdesks. */
function createCallFigures(registers: Registry[]) {
  return {
    calls: new Counter({
      name: "deskferry_connection_calls_total",
      help: "Calls to the helpdesk, by outcome: ok or the kind of failure",
      labelNames: ["connection", "outcome"],
      registers,
    }),
    callsPutOff: new Counter({
      name: "deskferry_connection_put_off_total",
      help: "Times something waited before it called the helpdesk: for its limit, its account, or its end of an outage",
      labelNames: ["connection", "why"],
      registers,
    }),
    callsInLine: new Gauge({
      name: "deskferry_connection_in_line",
      help: "Who waits for a turn to call the helpdesk, so that its limit is kept",
      labelNames: ["connection"],
      registers,
    }),
    connectionStopped: new Gauge({
      name: "deskferry_connection_stopped",
      help: "1 while the helpdesk refuses the account and an operator must act",
      labelNames: ["connection"],
      registers,
    }),
    connectionOut: new Gauge({
      name: "deskferry_connection_not_answering",
      help: "1 while this process puts calls off because the helpdesk does not answer",
      labelNames: ["connection"],
      registers,
    }),
  };
}

function createGauges(registers: Registry[]) {
  return {
    redisAnswers: new Gauge({
      name: "deskferry_redis_answers",
      help: "1 while Redis answers this process; while it does not, figures that only Redis knows are as they were before",
      registers,
    }),
    stopped: new Gauge({
      name: "deskferry_channel_stopped",
      help: "1 while nothing of the channel can be sent and an operator must act",
      labelNames: ["channel", "reason"],
      registers,
    }),
    waiting: new Gauge({
      name: "deskferry_conversations_waiting",
      help: "Conversations with events waiting",
      labelNames: ["channel", "lane"],
      registers,
    }),
    dead: new Gauge({
      name: "deskferry_dead_letters",
      help: "Dead letters waiting for an operator",
      labelNames: ["channel"],
      registers,
    }),
    quarantined: new Gauge({
      name: "deskferry_quarantined",
      help: "Signed payloads that could not be understood",
      labelNames: ["channel"],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
