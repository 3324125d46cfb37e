import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../infra/local/functions-host/command-line.ts';
import { UsageError } from '../../../infra/local/part.ts';

const needed = ['--script-root', 'app', '--port', '7071', '--data', 'data'];

describe('parseCommandLine', () => {
  test('needs only app, port and data folder', () => {
    expect(parseCommandLine(needed)).toEqual({
      kind: 'start',
      scriptRoot: 'app',
      port: 7071,
      dataFolder: 'data',
      redeliveryDelay: undefined,
      controlUrl: undefined,
      logFormat: 'text',
    });
  });

  test('reads the other options', () => {
    const more = ['--redelivery-delay', 'PT90S', '--control', 'http://localhost:9000', '--log', 'json'];
    expect(parseCommandLine([...needed, ...more])).toMatchObject({
      redeliveryDelay: 90_000,
      controlUrl: 'http://localhost:9000',
      logFormat: 'json',
    });
  });

  test('asks for help whatever else is there', () => {
    expect(parseCommandLine(['--help', '--port', 'x'])).toEqual({ kind: 'help' });
  });

  for (const [what, args, message] of [
    ['an unknown option', [...needed, '--fast'], /Unknown option '--fast'/],
    ['a value without option', [...needed, 'more'], /Unexpected argument 'more'/],
    ['no script root', ['--port', '1', '--data', 'd'], /--script-root is missing/],
    ['no port', ['--script-root', 'a', '--data', 'd'], /--port is missing/],
    ['no data folder', ['--script-root', 'a', '--port', '1'], /--data is missing/],
    [
      'a port that is no number',
      ['--script-root', 'a', '--data', 'd', '--port', 'x'],
      /--port x is not a port/,
    ],
    [
      'a port that is too large',
      ['--script-root', 'a', '--data', 'd', '--port', '65536'],
      /--port 65536 is not/,
    ],
    ['a delay that is none', [...needed, '--redelivery-delay', '5m'], /--redelivery-delay: "5m" is not/],
    ['a delay of nothing', [...needed, '--redelivery-delay', 'PT0S'], /is not longer than nothing/],
    [
      'a control URL that is none',
      [...needed, '--control', 'localhost'],
      /--control localhost is not an http URL/,
    ],
    ['an unknown log format', [...needed, '--log', 'xml'], /--log xml is neither text nor json/],
  ] as const)
    test(`refuses ${what} in one line`, () => {
      const parse = () => parseCommandLine(args);
      expect(parse).toThrow(UsageError);
      expect(parse).toThrow(message);
      expect(parse).not.toThrow(/\n/);
    });
});
