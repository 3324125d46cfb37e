import { describe, expect, it } from 'vitest';
import type { LoginVerdict } from '../../src/ports/login-server.ts';
import { command, identity, minute } from '../lifecycle/build.ts';
import { publicationsOf, publishedLogsIn, secretName, token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const accepted: LoginVerdict = { verdict: 'accepted' };
const refused: LoginVerdict = { verdict: 'refused' };
const unknown: LoginVerdict = { verdict: 'unknown', why: 'unavailable', status: 503 };

/** More than there can be in ten minutes. */
const many = 1_000;

async function provisioned(): Promise<MemoryCloud> {
  const cloud = new MemoryCloud();
  const access = { repositories: { 'team/web': ['content/read'] as ['content/read'] } };
  await send(cloud, command('keyturn.token.requested', 0, { owner: 'team-web', access }));
  expect(await runUntilItWaits(cloud)).toEqual(['provision']);
  cloud.events.length = 0;
  return cloud;
}

const troubles: Readonly<
  Record<string, { readonly verdicts: LoginVerdict[]; readonly code: string; lasts: number }>
> = {
  'never accepts it': { verdicts: [refused], code: 'neverAccepted', lasts: 5 * minute },
  'accepts it at one node of three only': {
    verdicts: [refused, accepted, refused],
    code: 'neverAccepted',
    lasts: 5 * minute,
  },
  'gives no clear answer': { verdicts: [unknown], code: 'acceptanceUnknown', lasts: 10 * minute },
};

describe('the rotation to a password whose login server', () => {
  it.each(Object.entries(troubles))(
    '%s fails, is told, and is tried again until it works',
    async (_what, trouble) => {
      const { verdicts, code, lasts } = trouble;
      const cloud = await provisioned();
      const before = cloud.vault.newest(secretName)?.value ?? '';
      const rotation = command('keyturn.token.rotation-requested', minute, { compromised: false });
      await send(cloud, rotation);
      cloud.registry.verdicts.push(...Array.from({ length: many }, () => verdicts).flat());
      const begun = cloud.clock.time;
      expect(await runUntilItWaits(cloud)).toEqual(['rotate']);
      expect(cloud.clock.time - begun).toBeGreaterThanOrEqual(lasts);
      expect(cloud.events).toMatchObject([
        { type: 'keyturn.token.rotation-failed', severity: 'info', data: { code, attempts: 1 } },
      ]);
      expect(cloud.vault.newest(secretName)?.value).toBe(before);
      expect(publishedLogsIn(cloud)).toBe(true);
      expect(await cloud.records.readPending(identity)).toHaveLength(1);

      cloud.registry.verdicts.length = 0;
      cloud.clock.time += 2 * minute;
      expect(await runUntilItWaits(cloud)).toEqual(['rotate']);
      expect(cloud.events.map(({ type }) => type)).toEqual([
        'keyturn.token.rotation-failed',
        'keyturn.token.rotated',
      ]);
      expect(cloud.registry.writes.filter((write) => write.startsWith('generate'))).toEqual([
        'generatePassword password1',
        'generatePassword password2',
        'generatePassword password2',
      ]);
      expect(publicationsOf(cloud, 2)).toBe(1);
      expect(publishedLogsIn(cloud)).toBe(true);
      expect(cloud.registry.logsIn(token, before)).toBe(true);
      expect(await cloud.records.readCommand(identity, rotation.key)).toMatchObject({
        outcome: { status: 'done' },
      });
    },
  );
});
