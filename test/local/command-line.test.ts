import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../infra/local/command-line.ts';
import { endpointTable } from '../../infra/local/endpoint-table.ts';
import { environmentFileText } from '../../infra/local/environment-file.ts';
import { UsageError } from '../../infra/local/part.ts';

const parse = (...words: string[]) => parseCommandLine(words, 'cloud.config.json');

describe('the command line of the local cloud', () => {
  it('starts all parts with the shipped config by default', () => {
    expect(parse()).toEqual({
      only: undefined,
      port: undefined,
      configFile: 'cloud.config.json',
      dataFolder: '.local',
      environmentFile: '.local/cloud.env',
    });
  });

  it('starts one part on a port', () => {
    expect(parse('--only', 'service-bus', '--port', '5673')).toMatchObject({
      only: 'service-bus',
      port: 5673,
    });
  });

  it('writes the environment file beside the data unless told otherwise', () => {
    expect(parse('--data', 'elsewhere')).toMatchObject({ environmentFile: 'elsewhere/cloud.env' });
    expect(parse('--environment', 'x.env')).toMatchObject({ dataFolder: '.local', environmentFile: 'x.env' });
  });

  it.each([['--help'], ['-h']])('shows its help for %s', (word) => {
    expect(parse(word)).toBe('help');
  });

  it.each([
    [['--colour'], "Unknown option '--colour'; npm run cloud -- --help says what it takes"],
    [['please'], "Unexpected argument 'please'"],
    [['--only', 'moon'], '--only takes one of identity, storage, service-bus, registry, key-vault'],
    [['--only'], "Option '--only <value>' argument missing"],
    [['--only', 'identity', '--port', 'x'], '--port takes a number from 0 to 65535'],
    [['--only', 'identity', '--port', '70000'], '--port takes a number from 0 to 65535'],
    [['--port', '4000'], '--port goes with --only'],
  ])('refuses %j in one line that says why', (words, reason) => {
    const attempt = () => parse(...words);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(reason);
    try {
      attempt();
    } catch (error) {
      expect((error as Error).message).not.toContain('\n');
    }
  });
});

describe('the environment file', () => {
  it('quotes values, since connection strings hold semicolons', () => {
    expect(environmentFileText({ ServiceBus: 'Endpoint=sb://localhost;Key=a=', NAME: 'x' })).toBe(
      "ServiceBus='Endpoint=sb://localhost;Key=a='\nNAME='x'\n",
    );
  });

  it('refuses a value that it could not quote', () => {
    expect(() => environmentFileText({ NAME: "it's" })).toThrow('NAME');
  });
});

describe('the table of endpoints', () => {
  it('names each part once and aligns what belongs to it', () => {
    const text = endpointTable([
      ['registry', 'resource manager', 'https://localhost:4433'],
      ['registry', 'contoso', 'https://localhost:5443'],
      ['identity', 'managed identity', 'http://127.0.0.1:4001'],
    ]);
    expect(stripVTControlCharacters(text).split('\n')).toEqual([
      '  registry  resource manager  https://localhost:4433',
      '            contoso           https://localhost:5443',
      '  identity  managed identity  http://127.0.0.1:4001',
      '',
    ]);
  });
});
