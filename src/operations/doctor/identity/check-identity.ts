import type { TokenCredential } from '@azure/identity';
import { azureError } from '../../../adapters/azure-error.ts';
import type { Configuration } from '../../../configuration/configuration.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, ok, red, type Subject, warn } from '../diagnosis.ts';
import { failed } from '../failed.ts';
import { type TokenClaims, tokenClaims } from './token-claims.ts';

export interface IdentityInUse {
  /** Undefined: the system-assigned one. */
  readonly clientId: string | undefined;
  readonly credential: TokenCredential;
  readonly scope: string;
  /** Whether it is the app's, and not that of a person who has logged in. */
  readonly isManaged: boolean;
  readonly configured: Configuration['identity'];
}

/** Whether an access token can be had, and whether it is Keyturn's. */
export function checkIdentity(identity: IdentityInUse, clock: Clock): Check {
  const { clientId, credential, scope, isManaged } = identity;
  const subject: Subject = {
    kind: 'identity',
    name: isManaged ? (clientId ?? 'system-assigned') : 'logged in',
  };
  return {
    subject,
    async examine(abortSignal) {
      try {
        const token = await credential.getToken(scope, { abortSignal });
        return [identityDiagnosis(subject, tokenClaims(token?.token ?? ''), identity)];
      } catch (error) {
        return [failed(subject, 'no access token', azureError('identity', 'getToken', error, clock))];
      }
    },
  };
}

/** Whose token it is, and whether that is who the configuration says. */
export function identityDiagnosis(
  subject: Subject,
  { clientId, objectId }: TokenClaims,
  { isManaged, configured }: Pick<IdentityInUse, 'isManaged' | 'configured'>,
): Diagnosis {
  if (objectId === undefined)
    return warn(
      subject,
      'there is an access token, and it does not say whose it is',
      'Compare the ids of the identity with `identity` in the configuration by hand.',
    );
  const differing = [
    differs('client id', clientId, configured.clientId),
    differs('object id', objectId, configured.objectId),
  ].flatMap((difference) => difference ?? []);
  if (differing.length > 0 && !isManaged)
    return warn(
      subject,
      `there is no managed identity here, so all is asked as object id ${objectId}, who is not Keyturn`,
      'What is said of rights below holds for whoever has logged in. To see those of Keyturn, run the doctor on a machine that has its identity.',
    );
  if (differing.length > 0)
    return red(
      subject,
      differing.join('; '),
      'Make `identity` in the configuration, and the client ids of the connections, those of the identity that the app runs as: otherwise Keyturn takes its own changes for those of others.',
    );
  if (configured.clientId === undefined || configured.objectId === undefined)
    return warn(
      subject,
      `the access token is of object id ${objectId}, and the configuration does not say whether that is right`,
      'Write `identity.clientId` and `identity.objectId`: by them Keyturn knows its own changes.',
    );
  return ok(subject, `the access token is of object id ${objectId}, as configured`);
}

function differs(what: string, told: string | undefined, configured: string | undefined): string | undefined {
  if (configured === undefined || told === undefined || told.toLowerCase() === configured.toLowerCase())
    return undefined;
  return `the ${what} of the access token is ${told}, and not ${configured}`;
}
