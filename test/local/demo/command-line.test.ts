import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/local/demo/command-line.ts';
import { UsageError } from '../../../infra/local/part.ts';

const usual = { once: false, months: 12, freePorts: false, port: 7071, dataFolder: '.local' };

describe('the words after npm start --', () => {
  it.each<[string[], object]>([
    [[], usual],
    [['--once'], { ...usual, once: true }],
    [['--months', '3', '--data', 'elsewhere'], { ...usual, months: 3, dataFolder: 'elsewhere' }],
    [['--free-ports'], { ...usual, freePorts: true, port: 0 }],
    [['--free-ports', '--port', '8080'], { ...usual, freePorts: true, port: 8080 }],
  ])('are understood: %j', (words, command) => {
    expect(parseCommandLine(words)).toEqual(command);
  });

  it.each<[string[], string]>([
    [['--colour'], "Unknown option '--colour'; npm start -- --help says what it takes"],
    [['twice'], "Unexpected argument 'twice'"],
    [['--months', '0'], '--months takes a whole number from 1 to 24'],
    [['--months', '1.5'], '--months takes a whole number from 1 to 24'],
    [['--months', 'many'], '--months takes a whole number from 1 to 24'],
    [['--port', '70000'], '--port takes a whole number from 0 to 65535'],
  ])('are refused in one line: %j', (words, line) => {
    const parse = () => parseCommandLine(words);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(line);
  });
});
