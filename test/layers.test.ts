import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-layers-'));
  cpSync('biome.json', join(folder, 'biome.json'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the linter, under the project's own rules, says of a file that imports from that path. */
function lintImport(file: string, path: string): string {
  const target = join(folder, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `import { thing } from '${path}';\n\nexport const used = thing;\n`);
  const biome = resolve('node_modules/.bin/biome');
  const run = spawnSync(biome, ['lint', '--vcs-enabled=false', file], { cwd: folder, encoding: 'utf8' });
  const output = run.stdout + run.stderr;
  expect(output).toContain('Checked 1 file');
  return output;
}

describe('the layers', () => {
  it.each([
    ['src/adapters/example.ts', '../../infra/local/clock.ts'],
    ['functions/example.ts', '../infra/local/clock.ts'],
    ['src/example.ts', '../test/local/example.ts'],
    ['infra/local/example.ts', '../../src/clock.ts'],
    ['infra/local/registry/example.ts', '../../../functions/example.ts'],
    ['infra/local/example.ts', '../../test/example.ts'],
    ['src/intake/example.ts', '../activities/make-plan.ts'],
    ['src/intake/example.ts', '../adapters/connect.ts'],
    ['src/activities/steps/example.ts', '../../intake/take-in.ts'],
    ['src/activities/example.ts', '../../infra/local/clock.ts'],
    ['src/judging/example.ts', '../activities/make-plan.ts'],
    ['src/outbox/example.ts', '../intake/take-in.ts'],
    ['src/ports/example.ts', '../adapters/connect.ts'],
    ['src/lifecycle/decide/example.ts', '../../activities/make-plan.ts'],
    ['src/policy/example.ts', '../../test/example.ts'],
    ['src/lifecycle/drift/example.ts', '../../watch/compare-registry.ts'],
    ['src/http/example.ts', '../registry-activity/take-reports.ts'],
    ['src/calendar/example.ts', '../reconcile/time-of-timer.ts'],
    ['src/http/example.ts', '../intake/take-in.ts'],
    ['src/http/example.ts', '../adapters/connect.ts'],
    ['src/activities/example.ts', '../http/http-routes.ts'],
    ['src/alerting/example.ts', '../adapters/connect.ts'],
    ['src/alerting/formats/example.ts', '../../activities/make-plan.ts'],
    ['src/activities/example.ts', '../alerting/raise.ts'],
    ['src/intake/example.ts', '../alerting/raise.ts'],
    ['src/application/example.ts', '../operations/settings-file.ts'],
    ['src/lifecycle/example.ts', '../operations/settings-file.ts'],
    ['src/http/example.ts', '../operations/settings-file.ts'],
    ['functions/example.ts', '../src/operations/settings-file.ts'],
    ['src/operations/rebuild/example.ts', '../../../infra/local/clock.ts'],
    ['src/operations/example.ts', '../../functions/application.ts'],
  ])('are held by lint: %s may not import %s', (file, path) => {
    expect(lintImport(file, path)).toContain('noRestrictedImports');
  });

  it.each([
    ['src/adapters/example.ts', '../lifecycle/clock.ts'],
    ['functions/example.ts', '../src/intake.ts'],
    ['src/intake/example.ts', '../outbox/send-outbox.ts'],
    ['src/http/example.ts', '../ports/inventory.ts'],
    ['src/reconcile/example.ts', '../watch/compare-registry.ts'],
    ['src/alerting/example.ts', '../intake/put-off.ts'],
    ['src/activities/example.ts', '../judging/access-then.ts'],
    ['src/activities/steps/example.ts', '../find-secret.ts'],
    ['src/operations/rebuild/example.ts', '../settings-file.ts'],
    ['src/operations/rebuild/example.ts', '../../adapters/connect.ts'],
    ['infra/local/registry/example.ts', '../clock.ts'],
    ['infra/local/functions-host/example.ts', './durable/function-invoker.ts'],
    ['test/example.test.ts', '../infra/local/clock.ts'],
  ])('leave the rest free: %s may import %s', (file, path) => {
    expect(lintImport(file, path)).not.toContain('noRestrictedImports');
  });
});
