import type { LogEntry } from './host-log.ts';

/** An entry as one JSON object and a line feed. */
export function jsonLine(entry: LogEntry, now: Date): string {
  const { level, category, message, functionName, invocationId, stack, facts } = entry;
  const time = now.toISOString();
  return `${JSON.stringify({ time, level, category, functionName, invocationId, message, ...facts, stack })}\n`;
}

const dim = 2;
const red = 31;
const yellow = 33;
const cyan = 36;

/**
 * An entry as lines for people: time, function and the beginning of the invocation's id, then the text. What a function
 * itself says stands behind a bar.
 */
export function textLines(entry: LogEntry, now: Date, useColours: boolean): string {
  const paint = (code: number, text: string) => (useColours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const time = paint(dim, now.toISOString().slice(11, 23));
  const source = paint(cyan, entry.functionName ?? 'host');
  const id = entry.invocationId ? ` ${paint(dim, entry.invocationId.slice(0, 8))}` : '';
  const bar = entry.category.endsWith('.User') ? ' |' : '';
  const colour = { warning: yellow, error: red, critical: red }[entry.level as 'warning'];
  const text = [label(entry) + entry.message, ...stackLines(entry)].join('\n').replaceAll('\n', '\n    ');
  return `${time} ${source}${id}${bar} ${colour ? paint(colour, text) : text}\n`;
}

function label({ level, facts }: LogEntry): string {
  if (level === 'information' || facts?.outcome !== undefined) return '';
  return level === 'critical' ? 'error: ' : `${level}: `;
}

/** Frames of the host's own worker, which tell nothing about the app. */
const hostFrames = new URL('../worker/', import.meta.url).href;

/** The frames of a stack; its first lines repeat the message. */
function stackLines({ stack }: LogEntry): string[] {
  if (!stack) return [];
  const lines = stack.split('\n');
  const firstFrame = lines.findIndex((line) => /^\s+at /.test(line));
  const frames = firstFrame < 0 ? [] : lines.slice(firstFrame);
  return frames.filter((line) => !line.includes(hostFrames)).map((line) => line.trim());
}
