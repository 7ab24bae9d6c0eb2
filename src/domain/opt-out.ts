/** What a person asked for: no more messages of our own accord, or messages again. */
export type ConsentState = "stop" | "start";

/**
 * What a wish is about: `all` that we send of our own accord (asked for in words), or only `marketing` (WhatsApp's own
 * switch, for templates of that category).
 */
export const consentScopes = ["all", "marketing"] as const;
export type ConsentScope = (typeof consentScopes)[number];

export type OptOutWords = Readonly<Record<ConsentState, readonly string[]>>;

/**
 * Words that are an opt-out, or lift it, when they are the whole message. Left out on purpose is what answers a question
 * of staff: cancel, end, quit, yes, and "acha", which ends in Swahili and agrees in Hindi.
 */
export const wordsByLanguage: Readonly<Record<string, OptOutWords>> = {
  en: {
    stop: [
      "stop",
      "stop all",
      "stopall",
      "unsubscribe",
      "opt out",
      "optout",
      "stop messages",
      "stop promotions",
    ],
    start: ["start", "unstop", "subscribe", "resubscribe", "opt in", "optin"],
  },
  es: {
    stop: [
      "baja",
      "darme de baja",
      "dar de baja",
      "desuscribir",
      "desuscribirme",
      "cancelar suscripción",
      "parar",
    ],
    start: ["alta", "darme de alta", "dar de alta", "suscribir", "suscribirme", "reanudar"],
  },
  pt: {
    stop: ["sair", "parar", "pare", "descadastrar", "cancelar inscrição", "não enviar mais"],
    start: ["retomar", "inscrever", "cadastrar", "voltar a receber"],
  },
  fr: {
    stop: ["arrêt", "arrêter", "arrêtez", "désabonner", "me désabonner", "désinscription", "se désinscrire"],
    start: ["reprendre", "s'abonner", "m'abonner", "réabonner", "me réabonner"],
  },
  ar: {
    stop: ["توقف", "إيقاف", "أوقف", "إلغاء الاشتراك"],
    start: ["ابدأ", "بدء", "اشتراك", "استئناف"],
  },
  hi: {
    stop: ["बंद करो", "बंद करें", "रोको", "रोकें", "सदस्यता समाप्त करें", "स्टॉप", "band karo"],
    start: ["शुरू करो", "शुरू करें", "शुरू", "स्टार्ट", "shuru karo"],
  },
  ur: {
    stop: ["بند کرو", "بند کریں", "روکو", "روکیں", "سٹاپ", "اسٹاپ"],
    start: ["شروع کرو", "شروع کریں", "شروع", "سٹارٹ", "اسٹارٹ"],
  },
  de: {
    stop: ["stopp", "abmelden", "abbestellen", "keine Nachrichten mehr"],
    start: ["starten", "anmelden", "wieder anmelden"],
  },
  sw: {
    stop: ["simamisha", "sitisha", "komesha", "jiondoe", "niondoe", "usitume tena"],
    start: ["anza", "anzisha", "jiunge", "nijiunge"],
  },
  id: {
    stop: ["berhenti", "hentikan", "berhenti langganan", "berhenti berlangganan"],
    start: ["mulai", "langganan", "berlangganan"],
  },
};

/** Tells what a whole message asks for; undefined when it is any other message. */
export type ReadConsent = (text: string) => ConsentState | undefined;

/** Knows the words of all languages and the given ones; where both ask for the same word, the given ones count. */
export function createConsentReader(additional: OptOutWords): ReadConsent {
  const meaning = new Map<string, ConsentState>();
  for (const words of [...Object.values(wordsByLanguage), additional]) {
    for (const word of words.start) meaning.set(plain(word), "start");
    for (const word of words.stop) meaning.set(plain(word), "stop");
  }
  meaning.delete("");
  const longest = Math.max(...[...meaning.keys()].map((word) => word.length));
  // Long messages are none; beyond the words there may be punctuation and marks, but not without end.
  return (text) => (text.length > longest * 10 + 100 ? undefined : meaning.get(plain(text)));
}

/** Latin and Greek accents, Arabic vowels and the letters' hamza. Vowels of Indian scripts are marks too, but must stay. */
const ACCENTS = /[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u093c]/gu;
/** Tatweel, joiners, marks of direction and emoji variation: nothing that is read. */
const UNSEEN = /\p{Cf}|\p{Variation_Selector}|\u0640/gu;

/** A text as compared: no case, accents, punctuation or emoji; letters that Arabic and Urdu keyboards tell apart are one. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(UNSEEN, "")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .replace(/[\u064a\u0649]/gu, "\u06cc")
    .replace(/\u0643/gu, "\u06a9")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}
