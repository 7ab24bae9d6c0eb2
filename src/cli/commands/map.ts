import { Command } from "commander";
import { mapAttackCommand } from "./map/attack.ts";
import { mapDiffCommand } from "./map/diff.ts";
import { mapNewCommand } from "./map/new.ts";
import { mapPlayCommand } from "./map/play.ts";
import { mapRecordCommand } from "./map/record.ts";
import { mapRunCommand } from "./map/run.ts";
import { mapTestCommand } from "./map/test.ts";

/** `deskferry map`: try and test mapping files without a running system. */
export function mapCommand(): Command {
  return new Command("map")
    .description("try and test mapping files")
    .addCommand(mapNewCommand())
    .addCommand(mapTestCommand())
    .addCommand(mapRunCommand())
    .addCommand(mapDiffCommand())
    .addCommand(mapRecordCommand())
    .addCommand(mapAttackCommand())
    .addCommand(mapPlayCommand());
}
