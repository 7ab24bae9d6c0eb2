/** A message approved by Meta beforehand, with this message's parameters. */
export interface TemplateMessage {
  name: string;
  /** Language code as approved, e.g. `en` or `pt_BR`. */
  language: string;
  /** Body parameters: a list for `{{1}}`, `{{2}}` …; an object for `{{first_name}}`. */
  body?: string[] | Record<string, string>;
  /** Its one parameter; an object `{ name: text }` for a named one. */
  header?: string | Record<string, string>;
  /** Payloads of quick replies, or the variable end of a button's address, by button position. */
  buttons?: { type: "quick_reply" | "url"; index: number; value: string }[];
}

/** What we are going to send to a person. */
export type Outbound = { kind: "text"; text: string } | { kind: "template"; template: TemplateMessage };
