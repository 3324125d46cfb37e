import { defineConfig } from 'vitest/config';

/** Tests that leave nothing behind in their process, most of them of pure code: they need none of their own. */
const pure = [
  'activities',
  'alerting',
  'archive',
  'calendar',
  'configuration',
  'contracts',
  'http',
  'infra',
  'intake',
  'lifecycle',
  'observability',
  'policy',
  'reconcile',
  'registry-activity',
  'rotation-schedules',
  'watch',
].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line-reporter.ts'],
    // Most of the end-to-end tests wait.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: pure } },
    ],
  },
});
