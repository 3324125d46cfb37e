import { setTimeout as wait } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { ControlClient } from '../../control/control-client.ts';
import type { Entrances } from '../entrances.ts';
import type { LoginServer } from '../login-server.ts';
import { NotAsTold } from '../not-as-told.ts';
import type { Prober } from '../prober.ts';
import type { Screen } from '../screen.ts';
import type { TokenEvents } from '../token-events.ts';
import { rowsAfter } from '../token-row.ts';
import { tokenTable } from '../token-table.ts';
import type { VaultReader } from '../vault-reader.ts';

/** What the demo's steps play on. */
export interface Stage {
  readonly screen: Screen;
  readonly control: ControlClient;
  readonly now: () => Date;
  readonly armEndpoint: string;
  readonly registryId: string;
  readonly entrances: Entrances;
  readonly events: TokenEvents;
  readonly reader: VaultReader;
  readonly loginServer: LoginServer;
  readonly prober: Prober;
  /** Between the steps, so that a person can read; milliseconds. */
  readonly readingTime: number;
}

/** Begins a step: its title, and in one line why it is so. */
export async function beginStep({ screen, readingTime }: Stage, title: string, why: string): Promise<void> {
  await wait(readingTime);
  screen.say('', styleText(['bold', 'cyan'], title), styleText('dim', `   ${why}`));
}

/** The date and the table, as they are now. */
export function picture({ now, events, prober }: Stage): string[] {
  const date = now().toISOString().slice(0, 10);
  return ['', `  Today is ${date}.`, ...tokenTable(rowsAfter(events.all), prober.counts)];
}

/** Where a token's password is, by the last event that said so. */
export function publishedAt(
  { events }: Pick<Stage, 'events'>,
  token: string,
): { secretName: string; secretVersion: string } {
  const { secretUri, secretVersion } =
    events.all.findLast(({ data }) => data.token === token && data.secretUri !== undefined)?.data ?? {};
  if (secretUri === undefined || secretVersion === undefined)
    throw new NotAsTold(`No event said where the password of ${token} is`);
  return { secretName: secretUri.slice(secretUri.lastIndexOf('/') + 1), secretVersion };
}
