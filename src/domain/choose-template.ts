import type { TemplateMessage } from "./outbound.ts";
import { type TemplateInfo, templateProblems } from "./template.ts";

/** A template that is not sent for now, and why. */
export interface StoppedTemplate {
  name: string;
  language: string;
  /** Plain words. */
  says: string;
}

export interface ChoiceOptions {
  /** Languages that may stand in for the wished one and its sisters, the best first. */
  languages: readonly string[];
  stopped: readonly StoppedTemplate[];
}

/** What to send, or why nothing of it can be: `by` the account's own word, or because it is stopped. */
export type Choice =
  | { template: TemplateMessage; category: string | undefined }
  | { by: "account" | "stop"; says: string };

const VERSION = /^(.+)_v([0-9]{1,4})$/;

/** The name without its version: `ticket_solved` of `ticket_solved_v2`. */
export function familyOf(name: string): string {
  return VERSION.exec(name)?.[1] ?? name;
}

/** A name without a version is the first. */
function versionOf(name: string): number {
  return Number(VERSION.exec(name)?.[2] ?? 1);
}

/**
 * The message in the template that says it best: the nearest language first, and of each language the highest version
 * that is approved, not stopped and takes just these parameters (docs/decisions/0018). A wished name with a version
 * means that one at most. `account`: all versions of the template in all languages; undefined when it is not known:
 * then the wish counts as it is. Pure.
 */
export function chooseTemplate(
  message: TemplateMessage,
  account: readonly TemplateInfo[] | undefined,
  { languages, stopped }: ChoiceOptions,
): Choice {
  const says = (template: { name: string; language: string }) => stopOf(template, stopped);
  if (!account) {
    const stop = says(message);
    return stop === undefined ? { template: message, category: undefined } : { by: "stop", says: stop };
  }
  const candidates = candidatesOf(message, account, languages);
  const problems = candidates.map((info) => problemOf(message, info, says(info)));
  const best = candidates[problems.indexOf(undefined)];
  if (best) {
    const { name, language, category } = best;
    return { template: { ...message, name, language }, category };
  }
  const exact = candidates.findIndex(
    ({ name, language }) => name === message.name && language === message.language,
  );
  const closest = problems[Math.max(exact, 0)];
  return closest ?? { by: "account", says: templateProblems(message, account).join("; ") };
}

function stopOf(
  { name, language }: { name: string; language: string },
  stopped: readonly StoppedTemplate[],
): string | undefined {
  const stop = stopped.find((one) => one.name === name && one.language === language);
  return stop && `the template ${name} (${language}) is not sent for now: ${stop.says}`;
}

function problemOf(
  message: TemplateMessage,
  info: TemplateInfo,
  stop: string | undefined,
): Extract<Choice, { says: string }> | undefined {
  const { name, language } = info;
  const problems = templateProblems({ ...message, name, language }, [info]);
  if (problems.length > 0) return { by: "account", says: problems.join("; ") };
  return stop === undefined ? undefined : { by: "stop", says: stop };
}

/** All that could stand for the wish, the best first. */
function candidatesOf(
  { name, language }: TemplateMessage,
  account: readonly TemplateInfo[],
  languages: readonly string[],
): TemplateInfo[] {
  const family = familyOf(name);
  const most = family === name ? Number.POSITIVE_INFINITY : versionOf(name);
  const versions = account
    .filter((info) => familyOf(info.name) === family && versionOf(info.name) <= most)
    .sort((a, b) => versionOf(b.name) - versionOf(a.name) || compare(a.name, b.name));
  const chain = languageChain(
    language,
    versions.map((info) => info.language),
    languages,
  );
  return chain.flatMap((wanted) => versions.filter((info) => info.language === wanted));
}

/**
 * The languages to try, the nearest first: the wished one, the same without its region, the same of other regions in
 * the same script, then those given.
 */
export function languageChain(
  wished: string,
  available: readonly string[],
  given: readonly string[],
): string[] {
  const base = baseOf(wished);
  const script = scriptOf(wished);
  const sisters = available.filter((one) => baseOf(one) === base && scriptOf(one) === script).sort(compare);
  return [...new Set([wished, base, ...sisters, ...given])];
}

function baseOf(language: string): string {
  return language.split(/[-_]/)[0] ?? language;
}

/** `Hant` for Taiwan, `Hans` for China: who reads one need not read the other. */
function scriptOf(language: string): string | undefined {
  try {
    return new Intl.Locale(language.replaceAll("_", "-")).maximize().script;
  } catch {
    return undefined;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
