import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTypes } from '../../src/contracts/commands.ts';
import { type EventType, eventSchema } from '../../src/contracts/events.ts';
import { registryFindings, tokenFindings } from '../../src/contracts/findings.ts';
import { parseCommand } from '../../src/contracts/parse-command.ts';
import { rejectionReasons } from '../../src/contracts/rejections.ts';
import { violations } from '../../src/contracts/violations.ts';
import { unfitness } from '../../src/judging/unfit.ts';
import { deferrals } from '../../src/lifecycle/plan.ts';
import { refusals } from '../../src/lifecycle/refusals.ts';
import { outcomeMeanings } from '../../src/lifecycle/settlement.ts';
import { stepFailures } from '../../src/lifecycle/step-failures.ts';
import { rules } from '../../src/policy/evaluate.ts';

/** Its tables without padding. */
const documentation = readFileSync('docs/messages.md', 'utf8').replace(/ +\|/g, ' |');

/** The example below the heading of each type. */
const examples = new Map(
  [...documentation.matchAll(/^### `(\S+)`\n.*?```json\n(.*?)```/gms)].map(([, type = '', json = '']) => [
    type,
    json,
  ]),
);

const eventTypes: EventType[] = eventSchema.options.map(({ shape }) => shape.type.value);

describe('docs/messages.md', () => {
  it('has an example of every command and every event, and of nothing else', () => {
    expect([...examples.keys()].sort()).toEqual([...commandTypes, ...eventTypes].sort());
  });

  it.each(commandTypes)('has an example of %s that would be accepted', (type) => {
    expect(parseCommand(Buffer.from(examples.get(type) ?? ''))).toMatchObject({
      ok: true,
      command: { type },
    });
  });

  it.each(eventTypes)('has an example of %s that could be sent', (type) => {
    const example: unknown = JSON.parse(examples.get(type) ?? '');
    expect(eventSchema.parse(example)).toEqual(example);
    expect(example).toMatchObject({ type });
  });

  it.each<[section: string, lists: Readonly<Record<string, unknown>>[]]>([
    ['What is set aside', [rejectionReasons, violations]],
    ['What is denied', [rules, unfitness, refusals]],
    ['What becomes of a command', [outcomeMeanings, deferrals]],
    ['What fails', [stepFailures]],
    ['What can be found', [tokenFindings, registryFindings]],
  ])('lists under "%s" every code that there is, each once, and no other', (section, lists) => {
    const known = new Set(lists.flatMap((list) => Object.keys(list)));
    expect(codesIn(section)).toEqual([...known].sort());
  });

  it.each([
    ...Object.entries(rejectionReasons),
    ...Object.entries(violations),
    ...Object.entries(unfitness),
    ...Object.entries(refusals).filter(([code]) => !Object.hasOwn(rules, code)),
    ...Object.entries(outcomeMeanings),
    ...Object.entries(deferrals),
    ...Object.entries({ ...tokenFindings, ...registryFindings }).map(([code, { means }]) => [code, means]),
    ...Object.entries(stepFailures).flatMap(([code, remedy]): [string, string][] =>
      remedy.remedy === 'person' ? [[code, remedy.toDo]] : [],
    ),
  ])('says of %s what the source says', (code, meaning) => {
    expect(documentation).toContain(`| \`${code}\` | ${meaning} |`);
  });
});

/** The codes in the first column of the tables below a heading, in order. */
function codesIn(section: string): string[] {
  const [, text = ''] = documentation.split(`\n## ${section}\n`);
  const [tables = ''] = text.split('\n## ');
  const firstColumns = [...tables.matchAll(/^\| (`[^|]+`) \| [^|]+ \|$/gm)].map(([, cell = '']) => cell);
  return firstColumns
    .flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code))
    .filter((code) => !['rejectionReason', 'code', 'finding'].includes(code))
    .sort();
}
