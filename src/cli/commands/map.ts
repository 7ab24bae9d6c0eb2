import { Command } from "commander";
import { mapAttackCommand } from "./map/attack.ts";
import { mapRunCommand } from "./map/run.ts";
import { mapTestCommand } from "./map/test.ts";

/** `deskferry map`: try and test mapping files without a running system. */
export function mapCommand(): Command {
  return new Command("map")
    .description("try and test mapping files")
    .addCommand(mapTestCommand())
    .addCommand(mapRunCommand())
    .addCommand(mapAttackCommand());
}
