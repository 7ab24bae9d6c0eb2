import { type ErrorKind, PluginError } from "deskferry/sdk";
import { z } from "zod";

interface Meaning {
  kind: ErrorKind;
  says: string;
  code?: number;
}

const refused: Meaning = { kind: "rejected", says: "Odoo refuses it" };
/** Odoo has tried five times itself, and has undone all of it. */
const busy: Meaning = { kind: "unavailable", says: "others are changing the same records in Odoo" };
const wrongCall: Meaning = {
  kind: "rejected",
  says: "Odoo does not understand it, is this version supported?",
};

/** By the class of the exception, which Odoo gives with its module: `odoo.exceptions.UserError`. */
const meanings: Record<string, Meaning> = {
  AccessDenied: { kind: "auth", says: "Odoo does not accept the API key", code: 401 },
  Unauthorized: { kind: "auth", says: "Odoo does not accept the API key", code: 401 },
  SessionExpiredException: { kind: "auth", says: "Odoo has ended the session", code: 100 },
  AccessError: { kind: "auth", says: "the account lacks the rights in Odoo", code: 403 },
  Forbidden: { kind: "auth", says: "the account lacks the rights in Odoo", code: 403 },
  MissingError: { kind: "not_found", says: "Odoo has no such record", code: 404 },
  NotFound: {
    kind: "config",
    says: "Odoo has no such model or method, or no such database: is the application installed?",
    code: 404,
  },
  UserError: refused,
  ValidationError: refused,
  RedirectWarning: refused,
  SerializationFailure: busy,
  TransactionRollbackError: busy,
  LockNotAvailable: busy,
  DeadlockDetected: busy,
  LockError: busy,
  ValueError: wrongCall,
  TypeError: wrongCall,
  KeyError: wrongCall,
  AttributeError: wrongCall,
  UnprocessableEntity: wrongCall,
};

const exception = z.object({ name: z.string().regex(/^[A-Za-z_][\w.]*$/) });

/**
 * The exception that an answer tells of; undefined when it tells of none. Odoo undoes all of a call that ends in one; of
 * one that is not in the table that is not believed. Messages are not quoted: they name records and values.
 */
export function faultOf(told: unknown, what: string): PluginError | undefined {
  const { data } = exception.safeParse(told);
  if (!data) return undefined;
  const className = data.name.slice(data.name.lastIndexOf(".") + 1);
  const meaning = meanings[className];
  if (!meaning) {
    const operatorMessage = `${what}: Odoo reports an error that is not known here; its log has it`;
    return new PluginError({ kind: "ambiguous", operatorMessage });
  }
  return new PluginError({
    kind: meaning.kind,
    code: meaning.code ?? className,
    operatorMessage: `${what}: ${meaning.says} (${className})`,
  });
}

export function configProblem(operatorMessage: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage });
}
