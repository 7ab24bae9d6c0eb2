/** Milliseconds since 1970; frozen in tests. */
export interface Clock {
  now(): number;
}
