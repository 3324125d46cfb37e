import type { HttpConfiguration } from '../../src/configuration/http-document.ts';
import type { HttpAnswer } from '../../src/http/http-answer.ts';
import type { HttpPorts } from '../../src/http/http-ports.ts';
import { httpRoutes } from '../../src/http/http-routes.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import type { ErrorDescription } from '../../src/ports/trouble.ts';
import { MemoryClock } from '../activities/memory/memory-clock.ts';
import { MemoryFindings } from '../activities/memory/memory-findings.ts';
import { MemoryInventory, MemoryRequests } from '../activities/memory/memory-inventory.ts';
import { MemoryNotes } from '../activities/memory/memory-notes.ts';
import { MemoryRecords } from '../activities/memory/memory-records.ts';
import { start } from '../lifecycle/build.ts';

export const tenantId = '9c1d2e3f-0000-4000-8000-00000000a001';

/** Everything that answers are made from, in memory; ask it as a caller would. */
export class HttpSetting {
  readonly inventory = new MemoryInventory();
  readonly findings = new MemoryFindings();
  readonly notes = new MemoryNotes();
  readonly records = new MemoryRecords();
  readonly requests = new MemoryRequests();
  readonly clock = new MemoryClock(start);
  readonly troubles: ErrorDescription[] = [];
  http: HttpConfiguration = { authentication: 'functionKey', entrances: 'all' };

  ports(changes: Partial<HttpPorts> = {}): HttpPorts {
    const { inventory, findings, notes, records, requests, clock, http } = this;
    const registries = new Map(['contoso', 'fabrikam'].map((name) => [name, registryNamed(name)] as const));
    const report = (trouble: ErrorDescription) => void this.troubles.push(trouble);
    const configuration = { http, registries };
    const read = { inventory, findings, notes, records, requests };
    return { ...read, clock, report, pause: forever, configuration, ...changes };
  }

  /** Asks a path below `/api`, such as `tokens?status=active`. @throws Error if there is no such route */
  async ask(
    pathAndQuery: string,
    headers: Readonly<Record<string, string>> = {},
    changes: Partial<HttpPorts> = {},
  ): Promise<HttpAnswer> {
    const [path = '', query = ''] = pathAndQuery.split(/\?(.*)/s);
    const segments = path.split('/').map(decodeURIComponent);
    for (const { route, answer } of httpRoutes) {
      const parameters = match(route.split('/'), segments);
      const header = (name: string) => headers[name.toLowerCase()];
      if (parameters) {
        const question = { parameters, query: new URLSearchParams(query), header };
        const { body, ...rest } = await answer(question, this.ports(changes));
        return { ...rest, body: JSON.parse(JSON.stringify(body)) };
      }
    }
    throw new Error(`There is no route for ${path}.`);
  }

  async addRow(token: string, changes: Partial<InventoryRow> = {}): Promise<void> {
    const row: InventoryRow = {
      registry: 'contoso',
      token,
      status: 'active',
      plan: 1,
      entrance: 'token-requests',
      owner: 'team-web',
      ...changes,
    };
    await this.inventory.writeRow(row, await this.inventory.readRow(row.registry, token));
  }
}

const forever = () => new Promise<never>(() => undefined);

function registryNamed(name: string) {
  return {
    name,
    resourceId: `/subscriptions/x/${name}`,
    loginServer: `${name}.azurecr.io`,
    settleAfter: { firstPassword: 'PT0S', regenerated: 'PT90S' },
    verification: 'login' as const,
    accepted: [],
    ignoredTokens: [],
  };
}

function match(route: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (route.length !== path.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of route.entries()) {
    const given = path[index] ?? '';
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = given;
    else if (segment !== given) return undefined;
  }
  return parameters;
}

/** The header that App Service sets for a caller, as it writes it. */
export function principalHeader(
  claims: readonly (readonly [typ: string, val: string])[],
  changes: object = {},
): Record<string, string> {
  const principal = {
    auth_typ: 'aad',
    claims: claims.map(([typ, val]) => ({ typ, val })),
    name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
    ...changes,
  };
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64') };
}
