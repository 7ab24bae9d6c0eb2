/**
 * Takes from the child what an escape from JSONata would reach for (CVE-2026-77413 and -77415 ended in child_process)
 * and freezes the prototypes, so that one mapping cannot leave something behind for the next (CVE-2026-12208).
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
    Object.freeze(prototype.prototype);
    Object.freeze(prototype);
  }
}
