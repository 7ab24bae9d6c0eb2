/** Way to a setting: keys and positions in lists. */
export type SettingPath = (string | number)[];

/** `channels.city.appSecrets[0]`. */
export function pathText(path: SettingPath): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${key}`))
    .join("");
}
