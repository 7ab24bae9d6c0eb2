import type { Clock, HttpClient, PluginLog } from "deskferry/sdk";
import type { Directory } from "./directory.ts";
import type { People } from "./people.ts";
import type { Settings } from "./settings.ts";
import type { Uploads } from "./uploads.ts";

/** What every part of the connector works with. */
export interface JiraTools {
  http: HttpClient;
  settings: Settings;
  directory: Directory;
  people: People;
  uploads: Uploads;
  log: PluginLog;
  clock: Clock;
  /** The same words once only: what Jira cannot keep is so for every ticket. */
  warnOnce(message: string): void;
}
