import { businessTimeFunctions } from "./functions/business-time.ts";
import { dateFunctions } from "./functions/dates.ts";
import { hashFunctions } from "./functions/hash.ts";
import { labelFunctions } from "./functions/label.ts";
import { languageFunctions } from "./functions/language.ts";
import type { MappingFunction } from "./functions/mapping-function.ts";
import { phoneFunctions } from "./functions/phone.ts";
import { tableFunctions } from "./functions/table.ts";
import { textFunctions } from "./functions/text.ts";

/** Every function that mapping files have besides JSONata's own. */
export const mappingFunctions: readonly MappingFunction[] = [
  ...textFunctions,
  ...languageFunctions,
  ...labelFunctions,
  ...phoneFunctions,
  ...dateFunctions,
  ...businessTimeFunctions,
  ...tableFunctions,
  ...hashFunctions,
];
