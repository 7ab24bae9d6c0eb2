import { Command } from "commander";
import { createConnectorCommand } from "./create/connector.ts";

/** `deskferry create`: what others build on. */
export function createCommand(): Command {
  return new Command("create").description("begin a connector").addCommand(createConnectorCommand());
}
