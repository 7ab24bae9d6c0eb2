import { setFlagsFromString } from "node:v8";

/**
 * How much garbage may gather before V8 looks for it, in percent of what is in use. Its own measure, up to 300 where
 * memory is plenty, makes a burst cost 80 MB more and hardly any processor less (docs/decisions/0073). To be imported first: the
 * measure that counts is the one at the first look, which comes while modules are loaded.
 */
const GARBAGE_PERCENT = 60;

setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
