import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = 'src/lifecycle';
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

interface Import {
  readonly path: string;
  readonly isType: boolean;
}

function source(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function importsOf(file: string): Import[] {
  const found = source(file).matchAll(/^import (type )?[^;]*?from '([^']+)';/gms);
  return [...found].map(([, type, path = '']) => ({ path, isType: type !== undefined }));
}

/** Everything that is loaded with a file of the lifecycle: what it imports other than as types, and so on. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, isType } of importsOf(file)) {
    if (isType) continue;
    const target = path.startsWith('.') ? normalize(join(dirname(file), path)) : path;
    if (target.startsWith('.') || !path.startsWith('.')) seen.add(target);
    else loadedWith(target, seen);
  }
  return seen;
}

/** What would make an orchestration do something else when it is replayed, or a decision hard to repeat. */
const impure = {
  'the clock': /\bDate\.now\b|\bnew Date\(\)|\bTemporal\.Now\b|\bperformance\b/,
  'random numbers': /\bMath\.random\b|\brandom[A-Z]|\bcrypto\.(?!create)/,
  'the environment': /\bprocess\b|\bglobalThis\b/,
  timers: /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b/,
  promises: /\basync\b|\bawait\b|\bPromise\b/,
  'the network': /\bfetch\(/,
};

describe('the orchestrator', () => {
  it('loads nothing but what calls its activities and reckons its waits', () => {
    expect([...loadedWith('orchestrator.ts')].sort()).toEqual([
      'activity-calls.ts',
      'orchestrator.ts',
      'run-step.ts',
      'waits.ts',
    ]);
  });

  it('knows the Durable library, the contracts and the lifecycle by their types only', () => {
    for (const file of ['orchestrator.ts', 'activity-calls.ts', 'run-step.ts', 'waits.ts']) {
      const others = importsOf(file).filter(({ path }) => !path.startsWith('./'));
      expect(others.filter(({ isType }) => !isType)).toEqual([]);
    }
  });
});

describe('the lifecycle', () => {
  it.each(files)('%s depends on nothing but its arguments', (file) => {
    const code = source(file).replaceAll(/\/\*\*?[\s\S]*?\*\/|\/\/.*$/gm, '');
    for (const [what, pattern] of Object.entries(impure)) {
      expect(code.match(pattern)?.[0], `${file} uses ${what}`).toBeUndefined();
    }
  });

  it.each(files)('%s imports only contracts, the calendar, the lifecycle, schemas and hashes', (file) => {
    for (const { path, isType } of importsOf(file)) {
      const target = path.startsWith('.') ? normalize(join(folder, dirname(file), path)) : path;
      const allowed =
        target.startsWith('src/lifecycle/') ||
        target.startsWith('src/contracts/') ||
        target.startsWith('src/calendar/') ||
        target === 'zod' ||
        (path === 'node:crypto' && /createHash/.test(source(file))) ||
        (path === 'durable-functions' && isType);
      expect(allowed, `${file} imports ${path}`).toBe(true);
    }
  });

  it('notices what is impure', () => {
    const samples = ['Date.now()', 'new Date()', 'Math.random()', 'process.env', 'await x', 'randomUUID()'];
    for (const sample of samples) {
      expect(Object.values(impure).some((pattern) => pattern.test(sample))).toBe(true);
    }
    expect(Object.values(impure).some((pattern) => pattern.test('new Date(now).toISOString()'))).toBe(false);
  });
});
