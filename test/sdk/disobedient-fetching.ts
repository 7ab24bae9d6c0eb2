import { readFile, writeFile } from "node:fs/promises";
import { PluginError } from "deskferry/sdk";
import { changed, type Disobedience } from "./disobedient.ts";

/** Connectors that fetch files of replies, but not as they should. */
export const fetchingFaults: Disobedience[] = [
  {
    does: "recodes files as text",
    caught: "files of a reply come as staff attached them",
    define: changed((connector) => ({
      async fetchAttachment(file, target) {
        const fetched = await connector.fetchAttachment(file, target);
        await writeFile(target.path, await readFile(target.path, "utf8"));
        return fetched;
      },
    })),
  },
  {
    does: "names the files of a polled reply otherwise",
    caught: "the event of a reply names its files",
    define: changed((connector) => ({
      async listChanges(cursor) {
        const { events, ...rest } = await connector.listChanges(cursor);
        const named = (id: string) => ({ id: `file/${id}`, name: "file" });
        return {
          ...rest,
          events: events.map((event) =>
            event.type === "comment.added"
              ? { ...event, attachments: event.attachments.map(({ id }) => named(id)) }
              : event,
          ),
        };
      },
    })),
  },
  {
    does: "fetches files of any size",
    caught: "a file over the limit is refused",
    define: changed((connector) => ({
      fetchAttachment: (file, target) => connector.fetchAttachment(file, { ...target, maxBytes: 1e9 }),
    })),
  },
  {
    does: "says of a missing file that it was refused",
    caught: "a file that is not there is not found",
    define: changed((connector) => ({
      fetchAttachment: (file, target) =>
        connector.fetchAttachment(file, target).catch((error: unknown) => {
          const isMissing = error instanceof PluginError && error.kind === "not_found";
          throw isMissing ? new PluginError({ kind: "rejected", operatorMessage: "no such file" }) : error;
        }),
    })),
  },
  {
    does: "leaves a part of a file on disk",
    caught: "a file that breaks off is unclear",
    define: changed((connector) => ({
      async fetchAttachment(file, target) {
        await writeFile(target.path, "");
        return connector.fetchAttachment(file, target);
      },
    })),
  },
  {
    does: "takes the id of a file for its address",
    caught: "the id of a file leads to no other host",
    define: changed((_connector, { url }) => ({
      async fetchAttachment({ id }, target) {
        const answer = await fetch(new URL(id, `${url}/files/`));
        if (!answer.ok) throw new PluginError({ kind: "not_found", operatorMessage: "no such file" });
        await writeFile(target.path, Buffer.from(await answer.arrayBuffer()));
        return { mimeType: "image/png", size: 1 };
      },
    })),
  },
];
