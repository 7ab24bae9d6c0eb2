/**
 * Takes from the child what an escape from JSONata would reach for (CVE-2026-77413 and -77415 ended in child_process)
 * and seals the prototypes, so that one mapping cannot leave something behind for the next (CVE-2026-12208). Sealed, not
 * frozen: JSONata gives arrays a `push` of their own, which a frozen prototype forbids.
 */
export function lockDown(): void {
  const doors = ["binding", "_linkedBinding", "dlopen", "getBuiltinModule", "mainModule", "env"] as const;
  for (const door of doors) {
    Object.defineProperty(process, door, { value: undefined, configurable: false, writable: false });
  }
  for (const prototype of [
    Object,
    Function,
    Array,
    String,
    Number,
    Boolean,
    RegExp,
    Promise,
    Map,
    Set,
    Error,
  ]) {
    Object.seal(prototype.prototype);
    Object.seal(prototype);
  }
}
