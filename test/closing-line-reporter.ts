import type { Reporter, TestModule } from 'vitest/node';

/** Ends a test run with the one line that continuous integration reads: `N passed, N failed, N skipped`. */
// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    let broken = unhandledErrors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      if (module.errors().length > 0) broken += 1;
    }
    const failed = counts.failed + counts.pending + broken;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`\n${counts.passed} passed, ${failed} failed${skipped}\n`);
  }
}
