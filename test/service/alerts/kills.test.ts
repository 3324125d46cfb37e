import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CloudConfig } from '../../../infra/local/cloud-config.ts';
import { requestDenied } from '../../alerting/build-alert-events.ts';
import { repetitions } from '../../counts.ts';
import { AlertedService } from './alerted-service.ts';

const rounds = repetitions({ quick: 1, soak: 12 });
/** Alerts in each round, of which each is a group of its own. */
const each = 12;

/** What a host that died has locked is handed out again within seconds: on Azure, after a minute. */
function withShortLocks(config: CloudConfig): CloudConfig {
  const serviceBus = JSON.parse(JSON.stringify(config.serviceBus), (key, value) =>
    key === 'LockDuration' ? 'PT3S' : value,
  );
  return { ...config, serviceBus };
}

let alerted: AlertedService;

beforeAll(async () => {
  alerted = await AlertedService.start([{ name: 'pager' }, { name: 'mail' }], withShortLocks);
});
afterAll(() => alerted.close());

const rules = (round: number) => Array.from({ length: each }, (_, index) => `rule${round}x${index}`);

/** The rules of a round of which a sink has heard nothing yet. */
const missing = (round: number, sink: string) => {
  const told = new Set(alerted.alertsOf(sink).map(({ cause }) => cause));
  return rules(round).filter((rule) => !told.has(rule));
};

/** Resolves in the middle of a round, in another place each time; what is slow holds that moment open. */
async function begin(round: number): Promise<void> {
  const effect = { kind: 'delay', milliseconds: 150 } as const;
  await alerted.service.control.injectFault({ part: 'storage', effect, match: 'KeyturnAlerts' });
  const now = await alerted.now();
  const before = alerted.receiver.calls.length;
  await alerted.publish(...rules(round).map((rule) => requestDenied(`team-${rule}`, now, rule)));
  const some = 1 + ((round * 5) % each);
  await alerted.receiver.until('some calls', () => alerted.receiver.calls.length >= before + some);
}

const isComplete = (round: number) => [...missing(round, 'pager'), ...missing(round, 'mail')].length === 0;

async function expectAll(round: number): Promise<void> {
  await alerted.service.control.clearFaults();
  const isToldOf = async () => {
    await alerted.service.control.advance('PT1M');
    return isComplete(round);
  };
  await expect.poll(isToldOf, { timeout: 90_000, interval: 500 }).toBe(true);
}

it(
  'no alert is missed when a host dies in the middle of alerting',
  async () => {
    for (let round = 0; round < rounds; round += 1) {
      await begin(round);
      await alerted.service.hosts.at(-1)?.kill();
      expect(isComplete(round)).toBe(false);
      await alerted.startHost();
      await expectAll(round);
    }
  },
  repetitions({ quick: 180_000, soak: 1_200_000 }),
);

it(
  'no alert is missed, nor told under two ids, when a host freezes and goes on after another one has taken over',
  async () => {
    for (let round = rounds; round < rounds + Math.ceil(rounds / 2); round += 1) {
      await begin(round);
      const frozen = alerted.service.hosts.at(-1);
      frozen?.freeze();
      expect(isComplete(round)).toBe(false);
      const count = alerted.receiver.calls.length;
      await alerted.startHost();
      await expect.poll(() => alerted.receiver.calls.length, { timeout: 60_000 }).toBeGreaterThan(count);
      frozen?.thaw();
      await expectAll(round);
      await frozen?.kill();
    }
    const ids = new Map<string, Set<string>>();
    for (const { cause = '', kind, id } of alerted.alertsOf('pager'))
      if (kind === 'first') ids.set(cause, (ids.get(cause) ?? new Set()).add(id));
    for (const [cause, different] of ids) expect([cause, different.size]).toEqual([cause, 1]);
  },
  repetitions({ quick: 180_000, soak: 1_200_000 }),
);
