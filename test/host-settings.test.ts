import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/host-settings.md', 'utf8');
const hostJson: unknown = JSON.parse(readFileSync('host.json', 'utf8'));

/** Every single value by the path to it. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

const rows = page
  .split('\n')
  .filter((line) => /^\| `/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| |^`|`$| \|$/g, '').replace(/^`/, '')));

describe('the page about host.json', () => {
  it('has a row with its value for every setting, and no other', () => {
    expect(rows.map(([setting, value]) => [setting, value]).sort()).toEqual(leaves(hostJson, '').sort());
  });

  it('gives a reason for each', () => {
    expect(rows.filter(([, , why = '']) => why.length < 4)).toEqual([]);
  });
});

describe('host.json', () => {
  const settings = new Map(leaves(hostJson, ''));
  const durable = 'extensions.durableTask';

  it('keeps inputs and outputs out of history and logs, and headers out of logs', () => {
    expect(settings.get(`${durable}.storeInputsInOrchestrationHistory`)).toBe('false');
    expect(settings.get(`${durable}.tracing.traceInputsAndOutputs`)).toBe('false');
    expect(settings.get('logging.logLevel.Azure')).toBe('Warning');
  });

  it('lets nothing that the alert rules read be sampled away', () => {
    const rules = readFileSync('infra/modules/alert-rules.bicep', 'utf8');
    const read = new Set(
      [...rules.matchAll(/'App(Trace|Request|Exception|Dependencie|Event)s\b/g)].map(([, type]) => type),
    );
    const excluded = settings.get('logging.applicationInsights.samplingSettings.excludedTypes')?.split(';');
    expect(read).toContain('Trace');
    expect(excluded).toEqual(expect.arrayContaining([...read]));
  });

  it('pins the bundle to one major version', () => {
    expect(settings.get('extensionBundle.version')).toMatch(/^\[4\.\*, 5\.0\.0\)$/);
  });
});
