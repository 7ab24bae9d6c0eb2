import type { Interactive } from "./outbound.ts";

/** Characters, if not said otherwise (whatsapp/messages/interactive-reply-buttons-messages, -list-messages, -cta-url-messages). */
export const interactiveLimits = {
  text: 1024,
  listText: 4096,
  header: 60,
  footer: 60,
  /** How many. */
  buttons: 3,
  /** Also of the button that opens a list or an address. */
  buttonTitle: 20,
  buttonId: 256,
  /** How many, in all sections together. */
  rows: 10,
  rowId: 200,
  rowTitle: 24,
  rowDescription: 72,
  sectionTitle: 24,
} as const;

const limits = interactiveLimits;

/** Why WhatsApp would refuse this question, each with its field; empty when it fits. Pure; quotes no texts. */
export function interactiveProblems(interactive: Interactive): string[] {
  const most = interactive.type === "list" ? limits.listText : limits.text;
  return [...textProblems("text", interactive.text, most), ...partProblems(interactive)];
}

function partProblems(interactive: Interactive): string[] {
  if (interactive.type === "location_request" || interactive.type === "contact_request") return [];
  const { header, footer } = interactive;
  return [
    ...optionalProblems("header", header, limits.header),
    ...optionalProblems("footer", footer, limits.footer),
    ...answerProblems(interactive),
  ];
}

function answerProblems(interactive: Extract<Interactive, { type: "buttons" | "list" | "link" }>): string[] {
  if (interactive.type === "buttons") return buttonProblems(interactive.buttons);
  if (interactive.type === "list") {
    return [
      ...textProblems("button", interactive.button, limits.buttonTitle),
      ...sectionProblems(interactive.sections),
    ];
  }
  const isAddress = URL.canParse(interactive.url) && /^https?:$/.test(new URL(interactive.url).protocol);
  return [
    ...textProblems("label", interactive.label, limits.buttonTitle),
    ...(isAddress ? [] : ["url is no address: it must be whole and begin with https://"]),
  ];
}

function buttonProblems(buttons: { id: string; title: string }[]): string[] {
  return [
    ...countProblems("buttons", buttons.length, limits.buttons),
    ...buttons.flatMap(({ id, title }, index) => [
      ...textProblems(`buttons[${index}].id`, id, limits.buttonId),
      ...textProblems(`buttons[${index}].title`, title, limits.buttonTitle),
    ]),
    ...repeated(buttons.map(({ id }) => id)).map(() => "two buttons have the same id: each needs its own"),
    ...repeated(buttons.map(({ title }) => title)).map(
      () => "two buttons have the same title: each needs its own",
    ),
  ];
}

function sectionProblems(sections: Extract<Interactive, { type: "list" }>["sections"]): string[] {
  const rows = sections.flatMap((section) => section.rows);
  return [
    ...countProblems("rows", rows.length, limits.rows),
    ...sections.flatMap((section, index) =>
      oneSectionProblems(section, `sections[${index}]`, sections.length),
    ),
    ...repeated(rows.map(({ id }) => id)).map(() => "two rows have the same id: each needs its own"),
  ];
}

function oneSectionProblems(
  { title, rows }: Extract<Interactive, { type: "list" }>["sections"][number],
  path: string,
  count: number,
): string[] {
  return [
    ...(count > 1 && title === undefined
      ? [`${path}.title is missing: with several sections each needs one`]
      : []),
    ...(rows.length === 0 ? [`${path}.rows is empty: give it a row, or leave the section out`] : []),
    ...optionalProblems(`${path}.title`, title, limits.sectionTitle),
    ...rows.flatMap((row, index) => [
      ...textProblems(`${path}.rows[${index}].id`, row.id, limits.rowId),
      ...textProblems(`${path}.rows[${index}].title`, row.title, limits.rowTitle),
      ...optionalProblems(`${path}.rows[${index}].description`, row.description, limits.rowDescription),
    ]),
  ];
}

function countProblems(what: string, count: number, most: number): string[] {
  return count >= 1 && count <= most ? [] : [`there are ${count} ${what}: one to ${most} are allowed`];
}

function optionalProblems(field: string, text: string | undefined, most: number): string[] {
  return text === undefined ? [] : textProblems(field, text, most);
}

function textProblems(field: string, text: string, most: number): string[] {
  if (text.trim() === "") return [`${field} is empty`];
  const { length } = [...text];
  return length <= most ? [] : [`${field} has ${length} characters, ${most} are allowed`];
}

/** Each value that comes again, once. */
function repeated(values: string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
