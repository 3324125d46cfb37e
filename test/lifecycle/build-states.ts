import { referenceTo } from '../../src/lifecycle/command-order.ts';
import { managedPart, type StateOf, type Status } from '../../src/lifecycle/state.ts';
import { active, at, command, start } from './build.ts';

const request = command('keyturn.token.requested', 0, {
  owner: 'team-web',
  access: { scopeMap: 'shared-read' },
});

/** An example of each status that a token can have after it was requested; all but the first had one credential. */
const examples = {
  provisioning: {
    ...managedPart(active()),
    status: 'provisioning',
    generation: 0,
    credentials: {},
    published: undefined,
    since: start,
    command: referenceTo(request),
  },
  active: active(),
  disabled: { ...managedPart(active()), status: 'disabled', since: start },
  expired: { ...managedPart(active()), status: 'expired', since: start },
  deleted: {
    ...managedPart(active()),
    status: 'deleted',
    credentials: {},
    published: undefined,
    since: start,
  },
  revoked: {
    ...managedPart(active()),
    status: 'revoked',
    credentials: {},
    published: undefined,
    since: start,
    exposureUntil: at(3 * 3_600_000),
    removed: false,
  },
} as const satisfies { [S in Exclude<Status, 'none'>]: StateOf<S> };

export function inStatus<S extends keyof typeof examples>(
  status: S,
  changes: Partial<StateOf<S>> = {},
): StateOf<S> {
  return { ...(examples[status] as StateOf<S>), ...changes };
}
