// @ts-check

/** Prints `N passed, N failed` as the very last line of a run, whatever the other reporters say. */
export default class ClosingLineReporter {
  constructor() {
    this.line = '0 passed, 1 failed';
    process.once('exit', () => {
      process.stdout.write(`${this.line}\n`);
    });
    process.send?.('closing-line-follows');
  }

  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    // A file that does not load and an error outside of any test count as one failure each.
    let failed = unhandledErrors.length;
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
    }
    this.line = `${passed} passed, ${failed} failed`;
  }
}
