import type { Command } from "commander";
import { MappingError, MappingLoadError } from "../../../mapping/errors.ts";
import { createMapper, type Mapper, type MapperOptions } from "../../../mapping/mapper.ts";
import { indent } from "./indent.ts";

/** Gives a mapper and closes it; errors of mapping files are shown whole, this is their author's terminal. */
export async function withMapper<T>(
  command: Command,
  work: (mapper: Mapper) => Promise<T>,
  options: MapperOptions = { children: 1 },
): Promise<T> {
  const mapper = createMapper(options);
  try {
    return await work(mapper);
  } catch (error) {
    if (error instanceof MappingLoadError) return command.error(error.message, { exitCode: 1 });
    if (!(error instanceof MappingError)) throw error;
    const detail = error.detail ? `\n${indent(error.detail)}` : "";
    return command.error(`${error.message}${detail}`, { exitCode: 1 });
  } finally {
    await mapper.close();
  }
}
