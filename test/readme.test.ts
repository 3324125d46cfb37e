import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTypes } from '../src/contracts/commands.ts';
import { parseCommand } from '../src/contracts/parse-command.ts';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/*.md').toSorted()];
const read = (file: string) => readFileSync(file, 'utf8');
const { scripts, dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
  'scripts' | 'dependencies' | 'devDependencies',
  Record<string, string>
>;

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const headings = read(page)
    .replaceAll(/^```.*?^```/gms, '')
    .matchAll(/^#{1,6} (.*)$/gm);
  const slugs = [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
  return new Set(slugs);
}

/** All sources beside the one that a script starts. */
function sourcesOf(script: string): string {
  const [, file = ''] = /node (\S+\.ts)/.exec(scripts[script] ?? '') ?? [];
  return globSync(join(dirname(file), '*.ts'))
    .map(read)
    .join('\n');
}

describe('what people read first', () => {
  it.each(pages)('%s links to files and headings that are there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [path, anchor] = link.split('#');
      const target = path ? join(dirname(page), path) : page;
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names scripts that are there', (page) => {
    const named = [...read(page).matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g)].map(
      ([, run, other]) => run ?? other ?? '',
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it.each(pages)('%s gives scripts options that they have', (page) => {
    const calls = read(page)
      .replaceAll('\\\n', ' ')
      .matchAll(/npm (?:run )?(?:--silent )?([\w:-]+) -- ([^\n`]+)/g);
    const unknown = [...calls].flatMap(([, script = '', words = '']) => {
      const options = [...words.matchAll(/(?<=^|\s)--([a-z][a-z-]*)/g)].map(([, option = '']) => option);
      return options
        .filter((option) => !sourcesOf(script).includes(option))
        .map((option) => `${script} --${option}`);
    });
    expect(unknown).toEqual([]);
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
