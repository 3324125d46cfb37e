import { parseArgs } from 'node:util';
import { durationInMilliseconds } from '../durations.ts';
import { UsageError } from '../part.ts';

export const help = `Runs an Azure Functions app (Node.js, programming model v4) on this machine.

Usage: npm run host -- --script-root DIR --port N --data DIR [options]

  --script-root DIR        the app's folder, with its host.json and package.json
  --port N                 the port to listen on, on 127.0.0.1; 0 takes a free one
  --data DIR               folder for keys, timers' statuses and task hubs; hosts that share it share these
  --redelivery-delay PT5M  durable work of a dead or frozen host is given out again after so long
  --control URL            follow the clock of the local cloud whose control API is there
  --log text|json          lines for people (the default), or one JSON object a line
  --help                   print this

The keys for functions of level "function" and for the admin endpoints are in keys.json in the data folder.
Ctrl-C stops the host: it receives nothing more, lets what runs end for a moment, and gives the rest back.`;

/** What the command line asks for. */
export type CommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'start';
      readonly scriptRoot: string;
      readonly port: number;
      readonly dataFolder: string;
      /** Milliseconds. */
      readonly redeliveryDelay: number | undefined;
      readonly controlUrl: string | undefined;
      readonly logFormat: 'text' | 'json';
    };

/** @throws UsageError with one line that names the option. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const values = parseOptions(args);
  if (values.help) return { kind: 'help' };
  return {
    kind: 'start',
    scriptRoot: required('--script-root', values['script-root']),
    port: portNumber(required('--port', values.port)),
    dataFolder: required('--data', values.data),
    redeliveryDelay: redeliveryDelay(values['redelivery-delay']),
    controlUrl: controlUrl(values.control),
    logFormat: logFormat(values.log),
  };
}

function parseOptions(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: {
        'script-root': text,
        port: text,
        data: text,
        'redelivery-delay': text,
        control: text,
        log: text,
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.split('. ')[0]}. See --help`);
  }
}

function required(option: string, value: string | undefined): string {
  if (!value) throw new UsageError(`${option} is missing. See --help`);
  return value;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`--port ${text} is not a port number`);
  return port;
}

function redeliveryDelay(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  let milliseconds: number;
  try {
    milliseconds = durationInMilliseconds(text);
  } catch (error) {
    throw new UsageError(`--redelivery-delay: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (milliseconds <= 0) throw new UsageError(`--redelivery-delay ${text} is not longer than nothing`);
  return milliseconds;
}

function controlUrl(text: string | undefined): string | undefined {
  if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new UsageError(`--control ${text} is not an http URL`);
  return text;
}

function logFormat(text: string | undefined): 'text' | 'json' {
  if (text !== undefined && text !== 'text' && text !== 'json')
    throw new UsageError(`--log ${text} is neither text nor json`);
  return text ?? 'text';
}
