import { type Finding, findingNames } from '../contracts/findings.ts';

/** Events that are alerts without a finding, and what their alerts are called. */
export const eventAlerts = {
  'keyturn.token.request-denied': 'requestDenied',
  'keyturn.token.request-failed': 'requestFailed',
  'keyturn.token.rotation-failed': 'rotationFailed',
  'keyturn.token.rotation-window-ignored': 'rotationWindowIgnored',
  'keyturn.token.disabled': 'disabled',
  'keyturn.token.deleted': 'deleted',
  'keyturn.token.revoked': 'revoked',
  'keyturn.token.revocation-incomplete': 'revocationIncomplete',
  'keyturn.token.expiring': 'expiring',
  'keyturn.token.expired': 'expired',
} as const;

/** Alerts that are no event: what many events have in common, what Keyturn says of itself, what only another release knows. */
const ownAlerts = ['dependencyFailing', 'alertSinkFailing', 'unknownAlert'] as const;

export type AlertName = Finding | (typeof eventAlerts)[keyof typeof eventAlerts] | (typeof ownAlerts)[number];

/** What an alert can be about: a closed list. Each has an entry in `docs/runbooks.md`. */
export const alertNames: readonly AlertName[] = [
  ...findingNames,
  ...Object.values(eventAlerts),
  ...ownAlerts,
];

const resolvable: ReadonlySet<AlertName> = new Set<AlertName>([...findingNames, 'alertSinkFailing']);

/** Whether somebody says when it is over. Of the others nothing more is heard, and they end in silence. */
export function isResolvable(alert: AlertName): boolean {
  return resolvable.has(alert);
}

/** The anchor of the alert's runbook: `disabledOutOfBand` is under `disabled-out-of-band`. */
export function runbookAnchor(alert: AlertName): string {
  return alert.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
