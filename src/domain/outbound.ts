/** A message approved by Meta beforehand, with this message's parameters. */
export interface TemplateMessage {
  name: string;
  /** Language code as approved, e.g. `en` or `pt_BR`. */
  language: string;
  /** Body parameters: a list for `{{1}}`, `{{2}}` …; an object for `{{first_name}}`. */
  body?: string[] | Record<string, string>;
  /** Its one parameter; an object `{ name: text }` for a named one. */
  header?: string | Record<string, string>;
  /** A header that is a file, by its address: WhatsApp fetches it. Instead of `header`. */
  headerMedia?: { type: "image" | "video" | "document"; link: string; fileName?: string };
  /**
   * By button position: the payload of a quick reply, the variable end of an address, the code to copy, the token of a
   * flow.
   */
  buttons?: { type: "quick_reply" | "url" | "copy_code" | "flow"; index: number; value: string }[];
}

/** A file for a person. */
export interface OutboundMedia {
  type: "image" | "video" | "audio" | "document" | "sticker";
  /** `path`: a file of ours, uploaded before the send; `link`: an address that WhatsApp fetches. */
  source: { path: string } | { link: string };
  mimeType: string;
  /** Shown for documents. */
  fileName?: string;
  /** Not for audio and stickers. At most 1,024 characters. */
  caption?: string;
}

/** A question with answers to tap (whatsapp/messages/interactive-…). Limits: `interactiveProblems`. */
export type Interactive =
  | {
      type: "buttons";
      text: string;
      header?: string;
      footer?: string;
      /** One to three. */
      buttons: { id: string; title: string }[];
    }
  | {
      type: "list";
      text: string;
      header?: string;
      footer?: string;
      /** On the button that opens the list. */
      button: string;
      /** With ten rows at most, all together; several sections need titles. */
      sections: { title?: string; rows: { id: string; title: string; description?: string }[] }[];
    }
  /** A button that opens an address. */
  | { type: "link"; text: string; header?: string; footer?: string; label: string; url: string }
  | { type: "location_request"; text: string }
  /** Asks for the phone number of a person who is known by user id only. */
  | { type: "contact_request"; text: string };

/** What we are going to send to a person. */
export type Outbound =
  | { kind: "text"; text: string }
  | { kind: "template"; template: TemplateMessage }
  | { kind: "media"; media: OutboundMedia }
  | { kind: "interactive"; interactive: Interactive }
  /** Onto a message of the person's, by the provider's id; an empty emoji takes the reaction back. */
  | { kind: "reaction"; messageId: string; emoji: string };
