import type { TokenFinding } from '../../contracts/findings.ts';
import type { AlertText } from './alert-text.ts';
import { listActivity, listScopeMaps, showToken } from './commands.ts';

/** Findings of tokens. */
export const tokenTexts: Readonly<Record<TokenFinding, AlertText>> = {
  disabledOutOfBand: {
    title: 'disabled by others',
    impact:
      'Nobody can log in with the token any more: pulls, pushes and deployments that use it fail. Registry access tokens that were issued before work for up to 3 hours.',
    look: showToken,
  },
  deletedOutOfBand: {
    title: 'deleted by others',
    impact:
      'The token and its passwords are gone for good: pulls, pushes and deployments that use it fail. The vault still holds a password that no longer works.',
    look: listActivity,
  },
  reEnabledOutOfBand: {
    title: 'enabled again by others',
    impact:
      'A token that was switched off, revoked or had ended lets its holders in again, if one of its passwords still works.',
    look: showToken,
  },
  scopeMapChanged: {
    title: 'bound to another scope map',
    impact:
      'Whoever has the password can do what the other scope map grants: more, less or other than was asked for.',
    look: showToken,
  },
  scopeMapContentChanged: {
    title: 'scope map changed by others',
    impact:
      'Whoever has the password can do what the scope map grants now: more, less or other than was asked for.',
    look: listScopeMaps,
  },
  passwordVanished: {
    title: 'a password is gone',
    impact:
      'A password that was promised to work no longer does. If it is the published one, logins fail already; if it is the one before, consumers that have not fetched the new one fail.',
    look: showToken,
  },
  publishedDead: {
    title: 'the published password was replaced',
    impact:
      'The password in the vault no longer works: every consumer that reads it fails. Whoever replaced it has a password that works.',
    look: showToken,
  },
  unpublishedSlotRegenerated: {
    title: 'somebody made a second password',
    impact:
      'Nothing is broken, but somebody can log in as this token with a password that is not in the vault, and will keep that until the slot is rotated.',
    look: showToken,
  },
  secretMissing: {
    title: 'the secret is gone from the vault',
    impact:
      'Consumers cannot fetch the password any more. Those that have it keep working until it is rotated.',
    look: showToken,
  },
  secretDisabled: {
    title: 'the secret is disabled',
    impact:
      'Consumers cannot fetch the password any more. Those that have it keep working until it is rotated.',
    look: showToken,
  },
  secretForeign: {
    title: 'somebody else wrote the secret',
    impact:
      'Consumers fetch what somebody else wrote, which most likely does not log in; what they send with it can be read by whoever it belongs to.',
    look: listActivity,
  },
  outOfPolicy: {
    title: 'may do more than its policy allows',
    impact: 'Whoever has the password can do more than the policy of the entrance allows.',
    look: listScopeMaps,
  },
};
