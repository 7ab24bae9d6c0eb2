import { type Connector, PluginError, saveDownload } from "deskferry/sdk";
import { addressOf, type Calls } from "./calls.ts";
import type { Address } from "./operation-settings.ts";
import type { Settings } from "./settings.ts";
import { placeholdersIn } from "./template.ts";

const what = "fetch file";

/** Streams a file of a reply to disk. */
export function fetchAttachment(
  { url }: Settings,
  place: Address,
  { http }: Calls,
): NonNullable<Connector["fetchAttachment"]> {
  const parts = new Set(placeholdersIn(place.path).filter((path) => path.startsWith("file.parts."))).size;
  return async (file, target) => {
    // An id of several parts must be whole: `7/8/..` is not the file 7/8.
    const given = file.id.split("/");
    if (parts > 0 && given.length !== parts) {
      const operatorMessage = `${what}: the file's id does not have ${parts} parts`;
      throw new PluginError({ kind: "not_found", operatorMessage });
    }
    const { path, query, headers } = addressOf(place, { file: { ...file, parts: given } }, what);
    const search = new URLSearchParams(query).toString();
    const answer = await http.download({ url: `${url}${path}${search && `?${search}`}`, headers, what });
    return saveDownload(answer, target);
  };
}
