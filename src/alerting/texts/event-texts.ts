import type { Finding } from '../../contracts/findings.ts';
import type { AlertName } from '../alert-names.ts';
import type { AlertText } from './alert-text.ts';
import { listTokens, showRegistry, showRequests, showToken } from './commands.ts';

/** Alerts that are no findings. */
export const eventTexts: Readonly<Record<Exclude<AlertName, Finding>, AlertText>> = {
  requestDenied: {
    title: 'a request was denied',
    impact: 'What was asked for was not done, and will not be. Everything else is as it was.',
    look: showRequests,
  },
  requestFailed: {
    title: 'a request cannot be carried out',
    impact: 'What was asked for is not done yet. What the token could do before it still can.',
    look: showRequests,
  },
  rotationFailed: {
    title: 'a rotation does not succeed',
    impact: 'The published password works until the deadline; after that, logins fail.',
    look: showToken,
  },
  rotationWindowIgnored: {
    title: 'a rotation does not wait for its window',
    impact: 'Both passwords work on as ever. The rotation comes at a time at which the policy wants none.',
    look: showToken,
  },
  disabled: {
    title: 'disabled on request',
    impact:
      'Nobody can log in with the token, as was asked for. Registry access tokens that were issued before work for up to 3 hours.',
    look: showToken,
  },
  deleted: {
    title: 'deleted on request',
    impact:
      'The token, its scope map and its secret are gone, as was asked for. Registry access tokens that were issued before work for up to 3 hours.',
    look: listTokens,
  },
  revoked: {
    title: 'revoked on request',
    impact:
      'No password of the token logs in any more, as was asked for. Registry access tokens that were issued before work for up to 3 hours: whoever has one can go on until then.',
    look: showToken,
  },
  revocationIncomplete: {
    title: 'not cut off yet',
    impact: 'The token was to be revoked, and whoever has a password may still get in or read it.',
    look: showToken,
  },
  expiring: {
    title: 'the password will end',
    impact: 'The published password works until the deadline; after that, logins fail.',
    look: showToken,
  },
  expired: {
    title: 'the password has ended',
    impact: 'Nobody can log in with the token any more: pulls, pushes and deployments that use it fail.',
    look: showToken,
  },
  dependencyFailing: {
    title: 'waiting for a service that fails',
    impact:
      'Requests and rotations wait. Passwords that are published work on until their deadlines; nothing is lost, and work goes on by itself when the service answers again.',
    look: showRegistry,
  },
  alertSinkFailing: {
    title: 'alerts do not arrive at a sink',
    impact:
      'Whoever relies on the sink hears of nothing. Alerts for it wait for up to a week; the other sinks get theirs.',
    look: () =>
      'az functionapp config appsettings list --name APP --resource-group GROUP --query "[?starts_with(name, \'AlertSinks__\')].name"',
  },
  unknownAlert: {
    title: 'something that this release does not know',
    impact: 'Another release of Keyturn has told something that this one cannot read. Look at the token.',
    look: showToken,
  },
};
