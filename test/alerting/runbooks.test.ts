import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alertNames, runbookAnchor } from '../../src/alerting/alert-names.ts';

const runbooks = readFileSync('docs/runbooks.md', 'utf8');
const entries = new Map(
  runbooks
    .split(/^## /m)
    .slice(1)
    .map((entry) => [entry.slice(0, entry.indexOf('\n')), entry] as const),
);

/** Every entry says all of this, in this order. */
const parts = ['Means', 'Still works', 'Keyturn does', 'Look', 'Mend', 'Over when'];

describe('docs/runbooks.md', () => {
  it.each(alertNames)('has an entry for %s, which an alert points to', (name) => {
    const entry = entries.get(runbookAnchor(name).replaceAll('-', ' '));
    expect(entry).toContain(`\`${name}\``);
    const found = parts.map((part) => entry?.indexOf(`**${part}**`) ?? -1);
    expect(found.every((place) => place > 0)).toBe(true);
    expect(found).toEqual(found.toSorted((one, other) => one - other));
  });

  it('has no entry that no alert points to', () => {
    const pointedTo = alertNames.map((name) => runbookAnchor(name).replaceAll('-', ' '));
    expect([...entries.keys()].toSorted()).toEqual(pointedTo.toSorted());
  });
});
