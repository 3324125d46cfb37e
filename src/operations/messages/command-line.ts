import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

export const help = `Looks at messages that were set aside or became dead letters, and sends them again.

Usage: npm run messages -- list   [--queue QUEUE] [--dead-letters] [--limit N]
       npm run messages -- show   --sequence N [--queue QUEUE] [--dead-letters]
       npm run messages -- resend --sequence N --to QUEUE [--body FILE] [--unchanged] [--queue QUEUE] [--dead-letters]
       npm run messages -- drop   --sequence N [--queue QUEUE] [--dead-letters]

  --queue QUEUE      where the message is: a queue, or TOPIC/SUBSCRIPTION (token-requests-rejected)
  --dead-letters     among the dead letters there
  --limit N          so many messages at most (100)
  --sequence N       the message's number, as list shows it
  --to QUEUE         queue or topic that it is sent to
  --body FILE        sent in the place of its body: the message as you have mended it
  --unchanged        sent with its own ids, for what is no command
  --settings FILE    settings beside those of the environment; may be given several times
  --help             print this

A command is sent under a new id and with the present time, since under its old id it would be a repeat, and with its old
time it would soon be too old. It is checked before, so that it is not set aside again for its form. The message is removed
where it was when it has been sent.
It asks as the managed identity of the settings where there is one, else as whoever has logged in with az login.
`;

export interface MessageCommand {
  readonly action: 'list' | 'show' | 'resend' | 'drop';
  /** A queue, or a topic and a subscription. */
  readonly source: string;
  readonly deadLetters: boolean;
  readonly limit: number;
  /** Empty for `list`. */
  readonly sequence: string;
  /** Empty but for `resend`. */
  readonly to: string;
  readonly bodyFile: string | undefined;
  readonly unchanged: boolean;
  readonly settingsFiles: readonly string[];
}

const actions = ['list', 'show', 'resend', 'drop'] as const;

/** @throws UsageError that names what does not fit */
export function parseCommandLine(words: readonly string[]): MessageCommand | 'help' {
  const { values, positionals } = parse(words);
  if (values.help) return 'help';
  const action = actions.find((each) => each === positionals[0]);
  if (action === undefined || positionals.length > 1)
    throw new UsageError('Say one of list, show, resend and drop. See --help');
  const { sequence = '', to = '', limit = '100' } = values;
  if (action !== 'list' && !/^\d{1,19}$/.test(sequence))
    throw new UsageError(`${action} needs --sequence with the number of the message`);
  if (action === 'resend' && to === '') throw new UsageError('resend needs --to with the queue');
  if (!/^[1-9]\d{0,4}$/.test(limit)) throw new UsageError(`--limit takes a number, and not ${limit}`);
  return {
    action,
    source: values.queue ?? 'token-requests-rejected',
    deadLetters: values['dead-letters'] ?? false,
    limit: Number(limit),
    sequence,
    to,
    bodyFile: values.body,
    unchanged: values.unchanged ?? false,
    settingsFiles: values.settings ?? [],
  };
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        queue: text,
        'dead-letters': flag,
        limit: text,
        sequence: text,
        to: text,
        body: text,
        unchanged: flag,
        settings: { type: 'string', multiple: true },
        help: flag,
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.split('. ')[0]}. See --help`);
  }
}
