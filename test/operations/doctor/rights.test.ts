import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { registryProbes } from '../../../src/operations/doctor/registry/registry-probes.ts';
import { answerOf, type Probed, rightsDiagnoses } from '../../../src/operations/doctor/rights.ts';
import { readingProbe, vaultProbes } from '../../../src/operations/doctor/vault/vault-probes.ts';

const registryId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contoso';
const probesOfRegistry = registryProbes(`https://arm${registryId}`, registryId, 'nobody-1', 'operation-1');
const probesOfVault = vaultProbes('https://keyturn.vault.azure.net/', 'nobody-1');

/** What the identity `keyturn` may do in the local cloud, which is what the roles of the infrastructure let it do. */
function permissions(beginning: string): string[] {
  const { identities } = JSON.parse(readFileSync('infra/local/cloud.config.json', 'utf8'));
  const keyturn = identities.find(({ name }: { name: string }) => name === 'keyturn');
  return keyturn.permissions.filter((permission: string) => permission.startsWith(beginning)).toSorted();
}

describe('the harmless requests', () => {
  it('try every action of the role at a registry, once', () => {
    expect(probesOfRegistry.map(({ action }) => action).toSorted()).toEqual(
      permissions('Microsoft.ContainerRegistry/registries/'),
    );
  });

  it('try every action of the role at a vault, once, and the one that it must not have', () => {
    expect(probesOfVault.map(({ action }) => action).toSorted()).toEqual(permissions('Microsoft.KeyVault/'));
    expect(permissions('Microsoft.KeyVault/')).not.toContain(readingProbe('https://v', 'n').action);
  });

  it('that are more than reading name something that nobody has, and say nothing that could be kept', () => {
    for (const { method, url, body } of [...probesOfRegistry, ...probesOfVault]) {
      if (method === 'GET') continue;
      expect(url + JSON.stringify(body ?? {})).toContain('nobody-1');
      if (method === 'PUT' || method === 'PATCH') expect(body).toEqual({});
    }
  });
});

describe('an answer', () => {
  it.each([
    [404, ['ResourceNotFound'], 'allowed'],
    [204, [], 'allowed'],
    [400, ['BadParameter'], 'allowed'],
    [403, ['AuthorizationFailed'], 'denied'],
    [401, ['InvalidAuthenticationToken'], 'denied'],
    [403, ['Forbidden', 'ForbiddenByRbac'], 'denied'],
    [403, ['Forbidden', 'AccessDenied'], 'denied'],
    [403, ['Forbidden', 'ForbiddenByFirewall'], 'blocked'],
    [403, ['RequestDisallowedByPolicy'], 'blocked'],
    [409, ['ScopeLocked'], 'blocked'],
    [403, ['SomethingElse'], 'unclear'],
    [403, [], 'unclear'],
    [409, ['Conflict'], 'unclear'],
    [429, ['TooManyRequests'], 'unclear'],
    [503, [], 'unclear'],
  ] as const)('%i %j means %s', (status, codes, answer) => {
    expect(answerOf({ status, codes })).toBe(answer);
  });
});

describe('rights', () => {
  const subject = { kind: 'registry', name: 'contoso' };
  const words = { role: 'its role', remedy: 'Give it.' };
  const probed = (action: string, answer: Probed['answer'], status: number): Probed => ({
    action: `Microsoft.ContainerRegistry/registries/${action}`,
    answer,
    status,
  });

  it('that are all there are one green line', () => {
    const lines = rightsDiagnoses(subject, [probed('read', 'allowed', 200)], words);
    expect(lines).toEqual([{ verdict: 'ok', ...subject, says: 'all 1 actions of its role are allowed' }]);
  });

  it('that are wanting, hindered or unknown are named each in a line of its own', () => {
    const lines = rightsDiagnoses(
      subject,
      [
        probed('tokens/write', 'denied', 403),
        probed('tokens/read', 'allowed', 404),
        probed('tokens/delete', 'blocked', 409),
        probed('scopeMaps/write', 'denied', 403),
        probed('read', 'unclear', 429),
      ],
      words,
    );
    expect(lines.map(({ verdict, says }) => [verdict, says])).toEqual([
      ['red', 'is not allowed tokens/write, scopeMaps/write'],
      ['red', 'a lock, a policy or a firewall is in the way of tokens/delete (409)'],
      ['warn', 'cannot tell whether it may do read (429)'],
    ]);
    expect(lines[0]?.remedy).toContain('Give it.');
  });
});
