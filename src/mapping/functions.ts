import { hashFunctions } from "./functions/hash.ts";
import { languageFunctions } from "./functions/language.ts";
import type { MappingFunction } from "./functions/mapping-function.ts";
import { phoneFunctions } from "./functions/phone.ts";
import { textFunctions } from "./functions/text.ts";

/** Every function that mapping files have besides JSONata's own. */
export const mappingFunctions: readonly MappingFunction[] = [
  ...textFunctions,
  ...phoneFunctions,
  ...languageFunctions,
  ...hashFunctions,
];
