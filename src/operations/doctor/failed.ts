import { isFailure, type ServiceFailureCode, serviceFailureCodes } from '../../ports/service-failure.ts';
import { troubleOf } from '../../ports/trouble.ts';
import { type Diagnosis, red, type Subject } from './diagnosis.ts';

/** What to do about a failure, whichever service it is of. */
const usualRemedies: Readonly<Partial<Record<ServiceFailureCode, string>>> = {
  accessDenied: 'Give the identity its role there (docs/deploy.md), and allow some minutes for it to spread.',
  throttled: 'Run the doctor again in a minute.',
  unavailable: 'Look at the line about reaching the service, and run the doctor again.',
};

const otherRemedy = 'Run the doctor again. If it stays, look for this code in the logs of the service.';

/** What a failure means at this place, where that is more than what it means in general. */
export type Meanings = Readonly<
  Partial<Record<ServiceFailureCode, { readonly says?: string; readonly remedy: string }>>
>;

/**
 * The red line of something that did not succeed.
 *
 * @param what what could not be done, as `secrets cannot be listed`
 */
export function failed(subject: Subject, what: string, error: unknown, meanings: Meanings = {}): Diagnosis {
  if (!isFailure(error)) return red(subject, `${what}: ${troubleOf(error).what}`, otherRemedy);
  const { code, status } = error;
  if (code === 'noIdentity') return withoutToken(subject);
  const meaning = meanings[code];
  const inFull = `${what}: ${code}${status === undefined ? '' : ` (${status})`}, ${serviceFailureCodes[code]}`;
  return red(subject, meaning?.says ?? inFull, meaning?.remedy ?? usualRemedies[code] ?? otherRemedy);
}

/** One cause with many effects: what to do is said once. */
function withoutToken(subject: Subject): Diagnosis {
  const says = 'no access token (noIdentity)';
  if (subject.kind !== 'identity') return red(subject, `not looked at: ${says}`, 'See the line `identity`.');
  return red(
    subject,
    says,
    'Run the doctor where the managed identity is, with the client ids that it has (`identity.clientId`, `ServiceBus__clientId`, `Records__clientId`); or log in with `az login`.',
  );
}
