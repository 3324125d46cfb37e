import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTypes } from '../../src/contracts/commands.ts';
import { type EventType, eventSchema } from '../../src/contracts/events.ts';
import { parseCommand } from '../../src/contracts/parse-command.ts';
import { rejectionReasons } from '../../src/contracts/rejections.ts';
import { violations } from '../../src/contracts/violations.ts';
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

  it.each([...Object.entries(rejectionReasons), ...Object.entries(violations)])(
    'explains %s',
    (code, meaning) => {
      expect(documentation).toContain(`| \`${code}\` | ${meaning} |`);
    },
  );

  it.each(Object.keys(rules))('explains the rule %s', (rule) => {
    const denials = documentation.slice(documentation.indexOf('## What is denied'));
    expect(denials).toMatch(new RegExp(`^\\| .*\`${rule}\`.* \\| .+ \\|$`, 'm'));
  });
});
