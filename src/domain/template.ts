import type { TemplateMessage } from "./outbound.ts";

/** A template as the provider's account has it. */
export interface TemplateInfo {
  name: string;
  /** Language code, e.g. `en` or `pt_BR`. */
  language: string;
  /** The provider's word in capitals, e.g. APPROVED, PENDING, PAUSED. Only what is APPROVED can be sent. */
  status: string;
  /** The provider's word in capitals, e.g. UTILITY. */
  category: string;
  /** Variables of the header's text, each once: `["1"]` or `["case"]`. */
  header: string[];
  /** A header that is a file, to be given by its address. */
  headerMedia?: "image" | "video" | "document";
  /** Variables of the body, each once, in order of appearance: `["1", "2"]` or `["first_name"]`. */
  body: string[];
  /** Buttons that take a value: the end of an address and a code must be given, a payload or a form's token may be. */
  buttons: { type: "url" | "quick_reply" | "copy_code" | "flow"; index: number }[];
  /** What else a message must bring, which no mapping can give, e.g. `an image in the header`. */
  alsoNeeds: string[];
}

type Values = string | string[] | Record<string, string> | undefined;

/** Why WhatsApp would refuse this message, each with what to do; empty when it fits. Pure; quotes no parameters. */
export function templateProblems(message: TemplateMessage, account: readonly TemplateInfo[]): string[] {
  const { name, language } = message;
  const versions = account.filter((template) => template.name === name);
  if (versions.length === 0) {
    return [`the account has no template ${name}: have it approved by WhatsApp, or correct the name`];
  }
  const template = versions.find((version) => version.language === language);
  if (!template) {
    const languages = versions.map((version) => version.language).join(", ");
    return [
      `the template ${name} is not there in ${language}, only in ${languages}: have it translated and approved, or use one of these`,
    ];
  }
  return [...statusProblems(template), ...parameterProblems(message, template)].map(
    (problem) => `the template ${name} (${language}) ${problem}`,
  );
}

function statusProblems({ status }: TemplateInfo): string[] {
  if (status === "APPROVED") return [];
  return [`is ${status}, and only approved ones can be sent: see what WhatsApp says of it, or use another`];
}

function parameterProblems(message: TemplateMessage, template: TemplateInfo): string[] {
  return [
    ...valueProblems("header", message.header, template.header),
    ...headerMediaProblems(message.headerMedia?.type, template.headerMedia),
    ...valueProblems("body", message.body, template.body),
    ...buttonProblems(message.buttons ?? [], template.buttons),
    ...template.alsoNeeds.map((part) => `needs ${part}, which cannot be given: use one without`),
  ];
}

function valueProblems(part: "header" | "body", given: Values, wanted: string[]): string[] {
  const isNamed = wanted.some((variable) => !/^[0-9]+$/.test(variable));
  const names = namesOf(given);
  const fits = names ? sameNames(names, wanted) && (isNamed || names.length === 0) : !isNamed;
  if (fits && countOf(given) === wanted.length) return [];
  const takes = wanted.length === 0 ? "no parameters" : quantity(wanted, isNamed);
  const gets = countOf(given) === 0 ? "none" : (names?.join(", ") ?? `${countOf(given)} in a list`);
  return [`takes ${takes} in its ${part} and is given ${gets}: give it just what it takes`];
}

function headerMediaProblems(given: string | undefined, wanted: string | undefined): string[] {
  if (given === wanted) return [];
  if (wanted === undefined) return [`takes no file in its header and is given ${given}: leave it out`];
  return [`takes ${wanted} in its header and is given ${given ?? "none"}: give its address`];
}

function quantity(wanted: string[], isNamed: boolean): string {
  return isNamed
    ? `the parameters ${wanted.join(", ")}`
    : `${wanted.length} numbered ${wanted.length === 1 ? "parameter" : "parameters"}`;
}

/** Undefined for a list, whose values have no names. */
function namesOf(given: Values): string[] | undefined {
  return given === undefined || typeof given === "string" || Array.isArray(given)
    ? undefined
    : Object.keys(given);
}

function countOf(given: Values): number {
  if (given === undefined) return 0;
  return typeof given === "string" ? 1 : Object.keys(given).length;
}

function sameNames(names: string[], wanted: string[]): boolean {
  return names.length === wanted.length && names.every((name) => wanted.includes(name));
}

function buttonProblems(given: { type: string; index: number }[], wanted: TemplateInfo["buttons"]): string[] {
  const isIn = (buttons: { type: string; index: number }[], { type, index }: (typeof buttons)[number]) =>
    buttons.some((button) => button.type === type && button.index === index);
  const unknown = given.filter((button) => !isIn(wanted, button));
  const isNeeded = (type: string) => type === "url" || type === "copy_code";
  const missing = wanted.filter((button) => isNeeded(button.type) && !isIn(given, button));
  return [
    ...unknown.map(
      ({ type, index }) => `takes no ${type} value for its button ${index}: leave it out (the first is 0)`,
    ),
    ...missing.map(
      ({ type, index }) => `needs a ${type} value for its button ${index}: give it (the first is 0)`,
    ),
  ];
}

/** The parameters of a template in one line, for operators: `header {{1}}, body {{1}} {{2}}, url button 0`. */
export function describeParameters(template: TemplateInfo): string {
  const { header, headerMedia, body, buttons, alsoNeeds } = template;
  const variables = (part: string, names: string[]) =>
    names.length > 0 ? [`${part} ${names.map((name) => `{{${name}}}`).join(" ")}`] : [];
  const parts = [
    ...variables("header", header),
    ...(headerMedia ? [`${headerMedia} in the header`] : []),
    ...variables("body", body),
    ...buttons.map(({ type, index }) => `${type} button ${index}`),
    ...alsoNeeds,
  ];
  return parts.join(", ") || "no parameters";
}
