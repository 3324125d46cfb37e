import type { RegistryFinding } from '../../contracts/findings.ts';
import type { AlertText } from './alert-text.ts';
import { listActivity, listTokens, showRegistry, showToken } from './commands.ts';

/** Findings of registries. */
export const registryTexts: Readonly<Record<RegistryFinding, AlertText>> = {
  unmanagedToken: {
    title: 'made by others, not managed by Keyturn',
    impact:
      'Whoever has its password can do what its scope map grants. Nobody rotates it, and no policy was asked.',
    look: showToken,
  },
  registryBackDoor: {
    title: 'the registry can be used without a token',
    impact:
      'Images can be read, and with the admin user written, past every token: revoking tokens does not keep anybody out.',
    look: showRegistry,
  },
  registryRecreated: {
    title: 'the registry was deleted and made again',
    impact: 'All tokens and all images of the registry are gone: every pull, push and deployment fails.',
    look: showRegistry,
  },
  eventsMissing: {
    title: "Azure's reports do not arrive",
    impact:
      'Changes by others are noticed only by the hourly comparison, not within seconds. Tokens and rotations work as before.',
    look: listActivity,
  },
  massDrift: {
    title: 'the same finding on many tokens at once',
    impact:
      'Something changes tokens in bulk. Keyturn heals nothing of that kind in this registry until it is over, so as not to fight it.',
    look: listActivity,
  },
  capacityShort: {
    title: 'room for few more tokens',
    impact:
      'Soon no token can be made in the registry: requests for new ones will fail. Those that exist work on.',
    look: listTokens,
  },
};
