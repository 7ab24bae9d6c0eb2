import type { Clock } from "deskferry/sdk";
import type { Application } from "./applications.ts";
import type { Directory } from "./directory.ts";
import type { Rpc } from "./rpc.ts";
import type { Settings } from "./settings.ts";

/** What every part of the connector works with. */
export interface OdooTools {
  rpc: Rpc;
  settings: Settings;
  application: Application;
  directory: Directory;
  clock: Clock;
  /** Once for each text: what Odoo has no place for concerns every ticket alike. */
  warnOnce(text: string): void;
}
