import type { Measured } from './measurement.ts';

/** What each figure is, as a line shows it. */
const words: Readonly<Record<string, string>> = {
  newFirstAccepted: 'new one first accepted',
  newAlwaysFrom: 'always accepted from',
  oldFirstRefused: 'old one first refused',
  oldNeverFrom: 'always refused from',
  neitherFor: 'neither worked for',
  refusedFrom: 'refused from',
  validFor: 'valid by its own word for',
};

const titles: Readonly<Record<Measured['what'], string>> = {
  firstPassword: 'first password',
  regenerated: 'regenerated password',
  shortExpiry: 'after its expiry',
  disabled: 'logins of a disabled token',
  accessToken: 'access token issued before',
};

/** One line for one login server. */
export function measuredLine({ what, loginServer, figures }: Measured): string {
  const texts = Object.entries(figures).map(([name, value]) => `${words[name] ?? name} ${seconds(value)}`);
  const unseen = what === 'firstPassword' || what === 'regenerated' ? 'never accepted' : 'never refused';
  return `${titles[what].padEnd(28)}${loginServer.padEnd(34)}${texts.join(', ') || unseen}`;
}

/** What follows from the figures for the configuration. */
export function adviceLines(measured: readonly Measured[]): string[] {
  const settled = longest(measured, 'regenerated', 'newAlwaysFrom');
  const issued = longest(measured, 'accessToken', 'refusedFrom');
  return [
    ...(settled === undefined ? [] : [`settleAfter: at least PT${withMargin(settled)}S for this registry.`]),
    ...(issued === undefined
      ? ['Access tokens outlived the patience of this run: reckon with exposureUntil.']
      : [`Access tokens outlive the disabling of their token by ${seconds(issued)}.`]),
  ];
}

function longest(measured: readonly Measured[], what: Measured['what'], figure: string): number | undefined {
  const values = measured.flatMap((each) => (each.what === what ? (each.figures[figure] ?? []) : []));
  return values.length > 0 ? Math.max(...values) : undefined;
}

/** Half as much again, in steps of ten seconds. */
function withMargin(milliseconds: number): number {
  return Math.max(Math.ceil((milliseconds * 1.5) / 10_000) * 10, 10);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
