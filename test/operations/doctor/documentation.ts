import { readFileSync } from 'node:fs';
import type { Diagnosis } from '../../../src/operations/doctor/diagnosis.ts';

const text = readFileSync('docs/doctor.md', 'utf8');

/** The rows of the table of lines: of which kinds, and what they say, with `…` for what differs. */
const explained = [...text.matchAll(/^\| ((?:`[a-z ]+`(?:, )?)+|any) \| (.+?) \| .+ \|$/gm)].map(
  ([, kinds = '', says = '']) => ({
    kinds: [...kinds.matchAll(/`([a-z ]+)`/g)].map(([, kind]) => kind),
    pattern: new RegExp(`^${says.split('…').map(escaped).join('.*')}$`),
  }),
);

/** Whether a row explains a line. */
export function isExplained({ kind, says }: Pick<Diagnosis, 'kind' | 'says'>): boolean {
  return explained.some(
    ({ kinds, pattern }) => (kinds.length === 0 || kinds.includes(kind)) && pattern.test(says),
  );
}

/** The first sample of the page, without what differs from run to run. */
export function documentedSample(): string[] {
  const sample = text.split('```').find((block) => block.startsWith('\nok '));
  return comparable(sample ?? '');
}

/** Lines without columns, addresses, dates, versions, and the line on events, which depends on who asks. */
export function comparable(output: string): string[] {
  const lines = output
    .split('\n')
    .filter((line) => /^(ok|warn|red) /.test(line) && !/^\w+ +events /.test(line));
  return lines.map((line) =>
    line
      .replaceAll(/:\d{4,5}\b/g, ':PORT')
      .replaceAll(/\d{4}-\d\d-\d\d\b(?!-)/g, 'DATE')
      .replaceAll(/\b\d+\.\d+\.\d+$/g, 'VERSION')
      .replaceAll(/ to \d+ s$/g, ' to SECONDS')
      .replace('KEYTURN_CONFIGURATION_FILE', 'KEYTURN_CONFIGURATION')
      .replace('localhost, by identity', 'localhost:PORT, by identity')
      .replaceAll(/ {2,}/g, ' '),
  );
}

function escaped(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
