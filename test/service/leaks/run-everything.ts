import { setTimeout as wait } from 'node:timers/promises';
import type { EventType } from '../../../src/contracts/events.ts';
import type { Requester } from '../commands/requester.ts';
import type { RunningService } from '../running-service.ts';
import { damagedAnswers } from './damaged-answers.ts';

const read = ['content/read'];
const formats = ['password', 'dockerConfigJson'] as const;
const reason = { reason: 'the search for leaks' };

/** Lets a service do everything that it can, first with every answer damaged in turn, and a host killed at work. */
export async function runEverything(service: RunningService, requester: Requester): Promise<void> {
  await provisionAmidDamage(service, requester);
  await Promise.all(formats.map((format) => leadLife(`team-life-${format.slice(0, 6)}`, format, requester)));
  await killHostAtWork(service, requester);
  await rotateAmidDamage(service, requester);
  await service.control.clearFaults();
}

const damagedTokens = Array.from({ length: 8 }, (_, index) => `team-damaged-${index}`);

function request(format: (typeof formats)[number]) {
  return { owner: 'team-web', access: { repositories: { 'teams/web': read } }, delivery: { format } };
}

async function provisionAmidDamage(service: RunningService, requester: Requester): Promise<void> {
  for (const fault of damagedAnswers) await service.control.injectFault(fault);
  await Promise.all(
    damagedTokens.map((token, index) =>
      requester.send('keyturn.token.requested', token, request(formats[index % 2] ?? 'password')),
    ),
  );
  await advanceUntil(service, 'all are provisioned', () =>
    damagedTokens.every((token) => requester.told(token).includes('provisioned')),
  );
}

/** From the first request to the second life. */
async function leadLife(
  token: string,
  format: (typeof formats)[number],
  requester: Requester,
): Promise<void> {
  const cause = (event: EventType, type: Parameters<Requester['send']>[0], data: object) =>
    requester.causeEvent(event, type, token, { ...data });
  await cause('keyturn.token.provisioned', 'keyturn.token.requested', request(format));
  await cause('keyturn.token.rotated', 'keyturn.token.rotation-requested', {});
  await cause('keyturn.token.rotated', 'keyturn.token.rotation-requested', { compromised: true });
  await cause('keyturn.token.disabled', 'keyturn.token.disable-requested', reason);
  await cause('keyturn.token.enabled', 'keyturn.token.enable-requested', reason);
  await cause('keyturn.token.revoked', 'keyturn.token.revocation-requested', reason);
  await cause('keyturn.token.reinstated', 'keyturn.token.reinstatement-requested', reason);
  await cause('keyturn.token.deleted', 'keyturn.token.deletion-requested', reason);
  await cause('keyturn.token.provisioned', 'keyturn.token.requested', request(format));
}

/** Kills the host between the making of a password and its publication. */
async function killHostAtWork(service: RunningService, requester: Requester): Promise<void> {
  const before = (await service.control.issuedPasswords()).length;
  await requester.send('keyturn.token.requested', 'team-killed', request('dockerConfigJson'));
  while ((await service.control.issuedPasswords()).length === before) await wait(5);
  await service.hosts[0]?.kill();
  await service.startHost();
  await requester.event('keyturn.token.provisioned', 'team-killed');
}

/** By schedule; passwords are answered by a long-running operation's result this time. */
async function rotateAmidDamage(service: RunningService, requester: Requester): Promise<void> {
  await service.control.changeRegistrySettings({ generateCredentialsAnswer: 'later' });
  for (const fault of damagedAnswers)
    await service.control.injectFault({
      ...fault,
      match: fault.match?.replace('^POST .*generateCredentials', 'operationStatuses') ?? '',
    });
  await service.control.advance('P60D');
  await advanceUntil(service, 'all are rotated', () =>
    damagedTokens.every((token) => requester.told(token).includes('rotated')),
  );
}

/** Goes on in steps of a minute, so that what is tried again comes to its turn. */
async function advanceUntil(service: RunningService, what: string, isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 90_000; performance.now() < end; ) {
    for (let looks = 0; looks < 20; looks += 1) {
      if (isSo()) return;
      await wait(50);
    }
    await service.control.advance('PT5M');
  }
  throw new Error(`${what}: not within 90 s`);
}
