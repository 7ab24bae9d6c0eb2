/** The functions of a test runner that the suite needs; those of vitest and Jest fit as they are. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  it: TestFunction & { skip: TestFunction };
  beforeAll(run: () => Promise<void>, timeoutMs?: number): unknown;
  afterAll(run: () => Promise<void>, timeoutMs?: number): unknown;
}

export type TestFunction = (name: string, run: () => Promise<void>, timeoutMs?: number) => unknown;
