import { Option } from "commander";

/** The option that every command with settings shares. */
export function configOption(): Option {
  return new Option("-c, --config <file>", "settings file").default("deskferry.yaml");
}
