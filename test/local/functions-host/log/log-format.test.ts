import { describe, expect, test, vi } from 'vitest';
import type { LogEntry } from '../../../../infra/local/functions-host/log/host-log.ts';
import { createHostLog } from '../../../../infra/local/functions-host/log/host-log.ts';
import { jsonLine, textLines } from '../../../../infra/local/functions-host/log/log-format.ts';

const now = new Date('2024-05-01T12:34:56.789Z');
const failure: LogEntry = {
  level: 'error',
  category: 'Function.intake',
  functionName: 'intake',
  invocationId: '0123456789abcdef',
  message: 'failed in 8 ms (by hand): boom',
  stack: 'Error: boom\n    at handler (app.mjs:3:9)',
  facts: { outcome: 'failed', durationMilliseconds: 8 },
};

describe('textLines', () => {
  test('has time, function, the beginning of the run’s id, the message and the frames of the stack', () => {
    expect(textLines(failure, now, false)).toBe(
      '12:34:56.789 intake 01234567 failed in 8 ms (by hand): boom\n    at handler (app.mjs:3:9)\n',
    );
  });

  test('puts what a function says behind a bar', () => {
    const said: LogEntry = {
      ...failure,
      level: 'information',
      category: 'Function.intake.User',
      message: 'two\nlines',
    };
    expect(textLines({ ...said, stack: undefined, facts: {} }, now, false)).toBe(
      '12:34:56.789 intake 01234567 | two\n    lines\n',
    );
  });

  test('names the level of what is no result of a run', () => {
    const warning: LogEntry = { level: 'warning', category: 'Host.Startup', message: 'odd' };
    expect(textLines(warning, now, false)).toBe('12:34:56.789 host warning: odd\n');
  });

  test('uses colours only when asked to', () => {
    expect(textLines(failure, now, false)).not.toContain('\u001b');
    expect(textLines(failure, now, true)).toContain('\u001b[31m');
  });
});

test('jsonLine is one line with the facts as members', () => {
  const line = jsonLine(failure, now);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toEqual({
    time: now.toISOString(),
    level: 'error',
    category: 'Function.intake',
    functionName: 'intake',
    invocationId: '0123456789abcdef',
    message: failure.message,
    outcome: 'failed',
    durationMilliseconds: 8,
    stack: failure.stack,
  });
});

describe('createHostLog', () => {
  function logged(levels: Parameters<typeof createHostLog>[0]['levels'], isTTY = false): string[] {
    const written: string[] = [];
    const output = { isTTY, write: (text: string) => written.push(text) };
    const log = createHostLog({
      format: 'text',
      clock: { now: () => now, schedule: () => () => {} },
      output,
      levels,
    });
    for (const category of ['Function.intake', 'Function.intake.User', 'Function.other', 'Host.Startup'])
      for (const level of ['debug', 'information', 'error'] as const)
        log.write({ level, category, message: `${category} ${level}` });
    return written.map((line) => line.replace(/^.*(Function|Host)\./s, '$1.').trim());
  }

  test('leaves out what is below information', () => {
    expect(logged({}).filter((line) => line.endsWith('debug'))).toEqual([]);
    expect(logged({})).toHaveLength(8);
  });

  test('goes by the rule with the longest beginning of the category, whatever its case', () => {
    const levels = { default: 'none', function: 'error', 'Function.Intake.User': 'debug' } as const;
    expect(logged(levels)).toEqual([
      'Function.intake error',
      'Function.intake.User debug',
      'Function.intake.User information',
      'Function.intake.User error',
      'Function.other error',
    ]);
  });

  test('is in colours only on a terminal, unless the environment says otherwise', () => {
    vi.stubEnv('NO_COLOR', undefined);
    expect(logged({}).join('')).not.toContain('\u001b');
    expect(logged({}, true).join('')).toContain('\u001b');
    vi.stubEnv('NO_COLOR', '1');
    expect(logged({}, true).join('')).not.toContain('\u001b');
    vi.unstubAllEnvs();
  });
});

test('a line of its own tells when the clock has come to another day', () => {
  const written: string[] = [];
  let time = now;
  const log = createHostLog({
    format: 'text',
    clock: { now: () => time, schedule: () => () => {} },
    output: { write: (text: string) => written.push(text) },
    levels: {},
  });
  const say = (message: string) => log.write({ level: 'information', category: 'Host', message });
  say('one');
  time = new Date('2024-05-01T23:00:00Z');
  say('two');
  time = new Date('2024-05-04T01:00:00Z');
  say('three');
  expect(written).toEqual([
    '12:34:56.789 host one\n',
    '23:00:00.000 host two\n',
    '--- 2024-05-04 ---\n',
    '01:00:00.000 host three\n',
  ]);
});
