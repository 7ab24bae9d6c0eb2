import { type ErrorRow, errorTable } from "../src/channels/cloud-api/error-table.ts";
import { type SendAction, sendActions } from "../src/sdk/index.ts";

/** What each action does: when Meta refuses in its answer, and when a failed receipt tells later. */
const deeds: Record<SendAction, { name: string; byAnswer: string; byReceipt: string }> = {
  retry: {
    name: "try again",
    byAnswer:
      "Again after the wait that Meta names, else 1 s, 2 s, 4 s … 5 min; a dead letter after `giveUpAfterHours`.",
    byReceipt: "A reply in free text is sent once more; otherwise staff are told.",
  },
  pace_person: {
    name: "slow down for this person",
    byAnswer: "Again after 1 s, 4 s, 16 s, 64 s … 5 min. Other people's messages go on.",
    byReceipt: "A reply in free text is sent once more; otherwise staff are told.",
  },
  wait_a_day: {
    name: "wait a day",
    byAnswer:
      "A dead letter and a note. No template goes to this person for 24 hours; replies in free text do. Replay it after that.",
    byReceipt: "A note. No template goes to this person for 24 hours.",
  },
  use_template: {
    name: "use a template",
    byAnswer:
      "A reply goes out in the route's reply template; the mapping is asked again for a confirmation.",
    byReceipt:
      "A reply in free text is sent once more, in the route's reply template; otherwise staff are told.",
  },
  stop_template: {
    name: "stop the template",
    byAnswer:
      "A dead letter and a note. The template in this language is not sent for 3 hours, then it is tried again.",
    byReceipt: "A note. The template in this language is not sent for 3 hours.",
  },
  stop_channel: {
    name: "stop the channel",
    byAnswer:
      "All sends of the channel wait, without counting as tries. One error in the log, `deskferry_channel_stopped` is 1. One message tries after 1 s, 2 s, 4 s … 60 s whether it is over.",
    byReceipt: "The same, and a note about this message.",
  },
  mark_person: {
    name: "tell staff",
    byAnswer:
      "A dead letter and a note with the reason. For the class `marketing` it is remembered that the person wants no marketing messages.",
    byReceipt: "A note with the reason. The class `marketing` is remembered as well.",
  },
  dead_letter: {
    name: "dead letter",
    byAnswer: "A dead letter and a note with the reason.",
    byReceipt: "A note with the reason.",
  },
  drop_file: {
    name: "leave the file",
    byAnswer: "A dead letter and a note with the reason.",
    byReceipt: "A note with the reason.",
  },
  await_receipt: {
    name: "wait for the receipt",
    byAnswer:
      "A copy may have gone out. Its receipt is awaited for `receiptWaitSeconds`, then there is a second try, never a third.",
    byReceipt: "A note with the reason.",
  },
  unknown: {
    name: "unknown",
    byAnswer: 'As above, and `deskferry_send_problems_total{action="unknown"}` counts it.',
    byReceipt: "A note, and the same count.",
  },
};

/** The page docs/reference/whatsapp-errors.md. */
export function describeWhatsappErrors(): string {
  const rows = errorTable.map(
    (row) => `| ${codesOf(row)} | ${row.reason} | ${row.says} | ${deeds[row.action].name} |`,
  );
  const actions = sendActions.map((action) => {
    const { name, byAnswer, byReceipt } = deeds[action];
    return `| ${name} | ${byAnswer} | ${byReceipt} |`;
  });
  return `# What WhatsApp's errors make us do

Generated from \`src/channels/cloud-api/error-table.ts\` by \`npm run docs\`; do not edit. Staff read the words of the third column in
internal comments; operators find the code in logs and dead letters.

| codes | class | in words | action |
|---|---|---|---|
${rows.join("\n")}
| any other | unknown | WhatsApp gave a reason that is not known here | unknown |

## The actions
WhatsApp may refuse a message in its answer, or take it and tell by a \`failed\` receipt that it did not arrive.

| action | when the answer says so | when a receipt says so |
|---|---|---|
${actions.join("\n")}
`;
}

function codesOf({ codes, subcode }: ErrorRow): string {
  const list = codes.map((one) => (typeof one === "number" ? String(one) : `${one[0]}–${one[1]}`)).join(", ");
  return subcode === undefined ? list : `${list} with subcode ${subcode}`;
}
