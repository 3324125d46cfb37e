import type { HttpConfiguration, SeenEntrances } from '../configuration/http-document.ts';
import { type ClientPrincipal, clientPrincipalHeader, readClientPrincipal } from './client-principal.ts';
import type { HttpQuestion } from './http-answer.ts';
import { Problem } from './problems.ts';

/** Somebody who asks: the entrances whose tokens they may see. */
export interface Caller {
  readonly entrances: SeenEntrances;
}

export function sees({ entrances }: Caller, entrance: string | undefined): boolean {
  return entrance !== undefined && (entrances === 'all' || entrances.includes(entrance));
}

/** What belongs to no entrance, such as a registry, is for those who see all of them. */
export function seesUnowned({ entrances }: Caller): boolean {
  return entrances === 'all';
}

/**
 * Who asks. A function key was checked by the host before, and App Service sets its header only after it has
 * authenticated the caller, which was made sure of at the start: see `checkHttpAuthentication`.
 *
 * @throws Problem `notAuthenticated` or `noReader`
 */
export function callerOf(http: HttpConfiguration, question: Pick<HttpQuestion, 'header'>): Caller {
  if (http.authentication === 'functionKey') return { entrances: http.entrances };
  const principal = readClientPrincipal(question.header(clientPrincipalHeader));
  if (http.authentication === 'off' || !principal) throw new Problem('notAuthenticated');
  const entrances = entrancesOf(principal, http);
  if (entrances !== 'all' && entrances.length === 0) throw new Problem('noReader');
  return { entrances };
}

function entrancesOf(
  { tenantId, objectId, roles }: ClientPrincipal,
  http: Extract<HttpConfiguration, { authentication: 'appService' }>,
): SeenEntrances {
  if (tenantId !== http.tenantId.toLowerCase()) return [];
  const granted = http.readers
    .filter((reader) =>
      'role' in reader ? roles.has(reader.role) : reader.principal.toLowerCase() === objectId,
    )
    .map(({ entrances }) => entrances);
  return granted.includes('all') ? 'all' : [...new Set(granted.flat())];
}
