import { type Attachment, base64Of, type FormPart, type HttpRequest, PluginError } from "deskferry/sdk";
import type { Call, FileSettings } from "./operation-settings.ts";

type Body = Pick<HttpRequest, "json" | "fields" | "form">;

/** The body as it travels. `made` is what the expression made; files go beside it or into it. */
export async function bodyOf(
  made: unknown,
  { send, files }: Pick<Call, "send" | "files">,
  attachments: readonly Attachment[],
  what: string,
): Promise<Body> {
  if (attachments.length > 0 && files?.as === "base64") {
    return { json: await withFiles(made, files, attachments, what) };
  }
  if (attachments.length > 0 && files) {
    const parts: FormPart[] = attachments.map((file) => ({ name: files.field, file }));
    return { form: [...fieldsOf(made, what).map(([name, value]) => ({ name, value })), ...parts] };
  }
  if (made === undefined) return {};
  if (send === "json") return { json: made };
  const fields = fieldsOf(made, what);
  return send === "form"
    ? { fields: Object.fromEntries(fields) }
    : { form: fields.map(([name, value]) => ({ name, value })) };
}

/** Texts as they are, the rest as JSON; what is not there is left out. */
function fieldsOf(made: unknown, what: string): [string, string][] {
  return Object.entries(objectOf(made, what)).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return [];
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

async function withFiles(
  made: unknown,
  files: FileSettings,
  attachments: readonly Attachment[],
  what: string,
): Promise<unknown> {
  const list: Record<string, string>[] = [];
  for (const { name, mimeType, open } of attachments) {
    list.push({ [files.name]: name, [files.type]: mimeType, [files.data]: await base64Of({ open }) });
  }
  const keys = files.field.split(".");
  const last = keys.pop() ?? files.field;
  const body = structuredClone(objectOf(made, what));
  let place = body;
  for (const key of keys) {
    place[key] ??= {};
    place = objectOf(place[key], what);
  }
  place[last] = list;
  return body;
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  const operatorMessage = `${what}: the body's expression made no object; make one of names and values`;
  throw new PluginError({ kind: "config", code: "body_not_object", operatorMessage });
}
