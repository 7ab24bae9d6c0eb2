import type { MappingKind } from "../domain/records.ts";
import type { Mapper } from "./mapper.ts";

export interface VersionRecorder {
  mapper: Pick<Mapper, "map">;
  /** What was used since the last call, as a trace shows it: `{ mapping: "ticket@3f2a… route@91bc…" }`, or `{}`. */
  take(): Record<string, string>;
}

/** The version of a mapping file as a trace shows it; `{}` where there is no file. */
export function versionDetail(kind: MappingKind, version: string): Record<string, string> {
  return version === "none" ? {} : { mapping: `${kind}@${version}` };
}

/** A mapper for one event that remembers which version of each file it was made with. */
export function recordVersions(mapper: Pick<Mapper, "map">): VersionRecorder {
  let used: string[] = [];
  return {
    mapper: {
      async map(folder, kind, input) {
        const made = await mapper.map(folder, kind, input);
        used.push(...Object.values(versionDetail(kind, made.version)));
        return made;
      },
    },
    take() {
      const mapping = used.join(" ");
      used = [];
      return mapping === "" ? {} : { mapping };
    },
  };
}
