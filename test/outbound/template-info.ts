import type { TemplateInfo } from "../../src/domain/template.ts";

/** An approved template in English whose text takes one parameter. */
export function templateInfo(name: string, more: Partial<TemplateInfo> = {}): TemplateInfo {
  return {
    name,
    language: "en",
    status: "APPROVED",
    category: "UTILITY",
    header: [],
    body: ["1"],
    buttons: [],
    alsoNeeds: [],
    ...more,
  };
}
