import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTypes } from '../src/contracts/commands.ts';
import { parseCommand } from '../src/contracts/parse-command.ts';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/host-settings.md',
  'docs/local-cloud.md',
  'docs/run-with-core-tools.md',
];
const read = (file: string) => readFileSync(file, 'utf8');
const { scripts, dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
  'scripts' | 'dependencies' | 'devDependencies',
  Record<string, string>
>;

describe('what people read first', () => {
  it.each(pages)('%s links to files that are there', (page) => {
    const folder = page.includes('/') ? 'docs/' : '';
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => folder + link);
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
  });

  it.each(pages)('%s names scripts that are there', (page) => {
    const named = [...read(page).matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, run, other]) => run ?? other ?? '',
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('shows a command that would be accepted', () => {
    const [, example = ''] = /```json\n(.*?)```/s.exec(read('README.md')) ?? [];
    expect(parseCommand(Buffer.from(example))).toMatchObject({ ok: true });
  });

  it('names every command', () => {
    const page = read('README.md');
    const short = (type: string) => type.replace('keyturn.token', '');
    expect(
      commandTypes.filter((type) => !page.includes(type) && !page.includes(`\`${short(type)}\``)),
    ).toEqual([]);
  });

  it('explains every dependency, and no other', () => {
    const table = read('README.md').split('## Dependencies')[1] ?? '';
    const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, row = '']) => row);
    const explained = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    const used = Object.keys({ ...dependencies, ...devDependencies });
    expect(explained.toSorted()).toEqual(used.toSorted());
  });
});
