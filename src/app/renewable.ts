import { isDeepStrictEqual } from "node:util";

type Call = (...args: unknown[]) => unknown;

/** Gives what is called in the place of a part's method; undefined for the method itself. */
export type Intercept<T> = (
  name: string,
  method: { key: string | symbol; part: T; call: Call },
) => Call | undefined;

/**
 * Parts by name, each made from its settings, that can be made anew while others hold them. Only what was there from the
 * start can: another name, or one less, takes a restart.
 */
export function renewable<S, T extends object>(
  first: Readonly<Record<string, S>>,
  create: (name: string, settings: S) => T,
  intercept?: Intercept<T>,
) {
  const parts = new Map<string, T>();
  const held = new Map<string, { settings: S; now: T }>();
  for (const [name, settings] of Object.entries(first)) {
    const holder = { settings, now: create(name, settings) };
    held.set(name, holder);
    parts.set(
      name,
      standIn(holder, (key, call) => intercept?.(name, { key, part: holder.now, call }) ?? call),
    );
  }
  return {
    parts: parts as ReadonlyMap<string, T>,
    /** Makes all whose settings are others now; nobody sees them before `putInPlace`, which tells their names. */
    build(next: Readonly<Record<string, S>>): { putInPlace(): string[] } {
      const made = Object.entries(next).flatMap(([name, settings]) => {
        const holder = held.get(name);
        if (!holder || isDeepStrictEqual(holder.settings, settings)) return [];
        return [{ name, holder, renewed: { settings, now: create(name, settings) } }];
      });
      return {
        putInPlace: () =>
          made.map(({ name, holder, renewed }) => {
            Object.assign(holder, renewed);
            return name;
          }),
      };
    },
  };
}

/** Looks and behaves like what the holder has at the moment of each access. */
function standIn<T extends object>(
  holder: { now: T },
  intercepted: (key: string | symbol, call: Call) => Call,
): T {
  return new Proxy({} as T, {
    // Bound, because a plugin may be an instance of a class with fields of its own.
    get: (_, key) => {
      const value: unknown = Reflect.get(holder.now, key);
      return typeof value === "function" ? intercepted(key, value.bind(holder.now) as Call) : value;
    },
    has: (_, key) => Reflect.has(holder.now, key),
    ownKeys: () => Reflect.ownKeys(holder.now),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(holder.now, key);
      return found && { ...found, configurable: true };
    },
  });
}
