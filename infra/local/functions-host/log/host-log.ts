import type { Clock } from '../../clock.ts';
import type { LogLevel } from '../settings/host-json.ts';
import { jsonLine, textLines } from './log-format.ts';

/** One entry of the host's log. */
export interface LogEntry {
  readonly level: Exclude<LogLevel, 'none'>;
  /** Who says it, as in the real host: `Function.NAME`, `Function.NAME.User`, `Host.Startup`, … */
  readonly category: string;
  readonly message: string;
  readonly functionName?: string | undefined;
  readonly invocationId?: string | undefined;
  readonly stack?: string | undefined;
  /** More members for the JSON form. */
  readonly facts?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
}

/** Where the host and its functions say what they do. */
export interface HostLog {
  write(entry: LogEntry): void;
}

export interface HostLogOptions {
  readonly format: 'text' | 'json';
  readonly clock: Clock;
  readonly output: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  /** host.json's `logging.logLevel`: the least level by beginning of the category, and `default`. */
  readonly levels: Readonly<Record<string, LogLevel>>;
  readonly useColours?: boolean;
}

const severity = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/**
 * A log that writes lines for people, in colours on a terminal, or one JSON object a line for machines. People's lines have
 * the time of day only; a line of its own tells when the clock has come to another day.
 */
export function createHostLog(options: HostLogOptions): HostLog {
  const { format, clock, output } = options;
  const useColours = options.useColours ?? (output.isTTY === true && !process.env.NO_COLOR);
  const leastLevel = leastLevels(options.levels);
  let lastDay: string | undefined;
  return {
    write(entry) {
      if (severity.indexOf(entry.level) < severity.indexOf(leastLevel(entry.category))) return;
      const now = clock.now();
      const day = now.toISOString().slice(0, 10);
      if (format === 'text' && lastDay !== undefined && day !== lastDay) output.write(`--- ${day} ---\n`);
      lastDay = day;
      output.write(format === 'json' ? jsonLine(entry, now) : textLines(entry, now, useColours));
    },
  };
}

/** The rule whose name is the longest beginning of the category counts, as with .NET's logging filters. */
function leastLevels(levels: Readonly<Record<string, LogLevel>>): (category: string) => LogLevel {
  const rules = Object.entries(levels)
    .map(([prefix, level]) => ({ prefix: prefix.toLowerCase(), level }))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  const fallback = rules.find(({ prefix }) => prefix === 'default')?.level ?? 'information';
  const known = new Map<string, LogLevel>();
  return (category) => {
    const folded = category.toLowerCase();
    const level =
      known.get(folded) ?? rules.find(({ prefix }) => folded.startsWith(prefix))?.level ?? fallback;
    known.set(folded, level);
    return level;
  };
}
