import { type Lookups, noLookups } from "../../src/mapping/lookups/lookups.ts";

export const sampleLookups: Lookups = noLookups;
