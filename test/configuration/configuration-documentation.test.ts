import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationSchema } from '../../src/configuration/configuration-document.ts';
import { conflicts } from '../../src/configuration/cross-checks.ts';
import { misplacements } from '../../src/configuration/misplacements.ts';
import { fieldNames } from '../../src/contracts/field-names.ts';
import { standardProfiles } from '../../src/policy/profile.ts';

/** Its tables without padding. */
const documentation = readFileSync('docs/configuration.md', 'utf8').replace(/ +\|/g, ' |');

describe('docs/configuration.md', () => {
  it.each([...fieldNames(configurationSchema)])('explains `%s`', (name) => {
    expect(documentation).toContain(`\`${name}\``);
  });

  it.each(Object.entries({ ...conflicts, ...misplacements }))('lists the rule %s', (rule, meaning) => {
    expect(documentation).toContain(`| \`${rule}\` | ${meaning} |`);
  });

  it.each(Object.entries(standardProfiles))('shows the standard profile %s as it is', (name, profile) => {
    const { rotateEvery, overlap, minimumOverlap, earlyRotation } = profile;
    const row = [`\`${name}\``, rotateEvery, overlap, minimumOverlap, earlyRotation].join(' | ');
    expect(documentation).toContain(`| ${row} |`);
  });
});
