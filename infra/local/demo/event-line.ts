import { styleText } from 'node:util';
import { kindOf, type TokenEvent } from './token-event.ts';
import { day } from './token-table.ts';

const colours = { info: 'green', warning: 'yellow', critical: 'red' } as const;

/** An event in one line: day, token, what happened, and what of it matters to a reader. */
export function eventLine(event: TokenEvent): string {
  const { severity, time, data } = event;
  const kind = styleText(colours[severity], kindOf(event).padEnd(11));
  return `  ${day(time)}  ${data.token.padEnd(12)}  ${kind} ${detail(event)}`.trimEnd();
}

function detail({ data }: TokenEvent): string {
  const { slot, expiresAt, previousValidUntil, exposureUntil, reason, rule, code, toDo, until } = data;
  if (slot) {
    const other = slot === 'password1' ? 'password2' : 'password1';
    const replaced = previousValidUntil ? `, ${other} until ${day(previousValidUntil)}` : '';
    return `${slot} until ${day(expiresAt)}${replaced}`;
  }
  if (exposureUntil) return `${reason ?? ''}; open logins end by ${minute(exposureUntil)}`;
  if (rule) return `${rule}: ${data.detail ?? ''}`;
  if (code) return [code, toDo].filter(Boolean).join(': ');
  if (until) return `until ${minute(until)}`;
  return reason ?? '';
}

function minute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)}`;
}
