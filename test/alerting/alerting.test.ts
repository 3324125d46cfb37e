import { describe, expect, it } from 'vitest';
import { at, day, hour, minute, second } from '../lifecycle/build.ts';
import { AlertingSetting } from './alerting-setting.ts';
import { disabledByOthers, enabledAgain, requestDenied, rotationFailed } from './build-alert-events.ts';

describe('an alert', () => {
  it('is told at once, to every sink that wants it and to the log', async () => {
    const setting = new AlertingSetting({ name: 'pager', severities: ['critical'] }, { name: 'mail' });
    expect(await setting.takeIn(disabledByOthers('team-one', setting.now))).toEqual({ result: 'told' });
    await setting.takeIn(requestDenied('team-one', setting.now));
    await setting.deliver();
    const namesFor = (sink: string) => setting.got.get(sink)?.map(({ alert }) => alert);
    expect(namesFor('pager')).toEqual(['disabledOutOfBand']);
    expect(namesFor('mail')).toEqual(['disabledOutOfBand', 'requestDenied']);
    expect(namesFor('log')).toEqual(['disabledOutOfBand', 'requestDenied']);
    expect(new Set([...setting.got.values()].flat().map(({ id }) => id)).size).toBe(2);
  });

  it('whose message arrives twice, since two rules let it through, is told once', async () => {
    const setting = new AlertingSetting();
    const event = disabledByOthers('team-one', setting.now);
    const taken = await Promise.all([setting.takeIn(event), setting.takeIn(event)]);
    expect(taken.map(({ result }) => result).toSorted()).toEqual(['known', 'told']);
    await setting.pass(30 * minute);
    expect(setting.told()).toEqual(['first 1']);
  });

  it('of many tokens is told once at first, and once more with all of them', async () => {
    const setting = new AlertingSetting();
    const tokens = Array.from({ length: 50 }, (_, index) => `team-${index}`);
    await Promise.all(tokens.map((token) => setting.takeIn(disabledByOthers(token, setting.now))));
    await setting.pass(59 * minute);
    expect(setting.told()).toEqual(['first 1', 'summary 50']);
    expect(setting.got.get('log')?.[1]?.examples).toHaveLength(10);
  });

  it('is over a quarter of an hour after the last token was mended, and is told again when it comes back', async () => {
    const setting = new AlertingSetting();
    await setting.takeIn(disabledByOthers('team-one', setting.now));
    await setting.takeIn(disabledByOthers('team-two', setting.now));
    await setting.pass(6 * minute);
    await setting.takeIn(enabledAgain('team-one', setting.now));
    await setting.pass(10 * minute);
    await setting.takeIn(enabledAgain('team-two', setting.now));
    await setting.pass(14 * minute);
    expect(setting.told()).toEqual(['first 1', 'summary 2']);
    await setting.pass(minute);
    expect(setting.told().at(-1)).toBe('resolved 2');
    await setting.takeIn(disabledByOthers('team-two', setting.now));
    await setting.pass(minute);
    expect(setting.told()).toEqual(['first 1', 'summary 2', 'resolved 2', 'first 1']);
    const alerts = setting.got.get('log') ?? [];
    expect(alerts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(new Set(alerts.map(({ group }) => group)).size).toBe(1);
  });

  it('is over when the only token was disabled anew by somebody else, which is another alert', async () => {
    const setting = new AlertingSetting();
    const by = (name: string) => disabledByOthers('team-one', setting.now, { actor: { kind: 'user', name } });
    await setting.takeIn(by('sam'));
    setting.now = at(minute);
    await setting.takeIn(enabledAgain('team-one', setting.now));
    setting.now = at(2 * minute);
    await setting.takeIn(by('eve'));
    await setting.pass(hour);
    const alerts = setting.got.get('log') ?? [];
    expect(alerts.map(({ kind, who }) => `${kind} ${who?.name}`)).toEqual([
      'first sam',
      'first eve',
      'resolved sam',
    ]);
  });

  it('is not told again by a repeat of an old event, after it is over', async () => {
    const setting = new AlertingSetting();
    const event = disabledByOthers('team-one', setting.now);
    await setting.takeIn(event);
    setting.now = at(minute);
    await setting.takeIn(enabledAgain('team-one', setting.now));
    await setting.pass(hour);
    expect(await setting.takeIn(event)).toEqual({ result: 'known' });
    await setting.pass(hour);
    expect(setting.told()).toEqual(['first 1', 'resolved 1']);
  });

  it('that nobody says the end of is over in silence, and then told again', async () => {
    const setting = new AlertingSetting();
    await setting.takeIn(requestDenied('team-one', setting.now));
    await setting.pass(hour);
    expect(setting.groups().map(({ status }) => status)).toEqual(['ended']);
    await setting.takeIn(requestDenied('team-one', setting.now));
    await setting.deliver();
    expect(setting.told()).toEqual(['first 1', 'first 1']);
  });

  it('leaves nothing behind a day after it is over', async () => {
    const setting = new AlertingSetting();
    await setting.takeIn(requestDenied('team-one', setting.now));
    await setting.takeIn(disabledByOthers('team-one', setting.now));
    setting.now = at(second);
    await setting.takeIn(enabledAgain('team-one', setting.now));
    await setting.pass(2 * hour);
    expect(setting.rows.size).toBe(4);
    setting.now = at(2 * day);
    expect(await setting.lookAfter()).toEqual(['requestDenied forgotten', 'disabledOutOfBand forgotten']);
    expect(setting.rows.size).toBe(0);
  });

  it('is told apart by rule, code, cause and actor', async () => {
    const setting = new AlertingSetting();
    await setting.takeIn(requestDenied('team-one', setting.now, 'tokenNotAllowed'));
    await setting.takeIn(requestDenied('team-two', setting.now, 'ownerNotAllowed'));
    await setting.takeIn(disabledByOthers('team-one', setting.now, { cause: 'person' }));
    await setting.takeIn(disabledByOthers('team-two', setting.now, { cause: 'azurePolicy' }));
    const actor = { kind: 'user', name: 'sam' };
    await setting.takeIn(disabledByOthers('team-six', setting.now, { cause: 'person', actor }));
    expect(setting.groups()).toHaveLength(5);
  });

  it('is one for all rotations and requests that fail for the same outage', async () => {
    const setting = new AlertingSetting();
    await setting.takeIn(rotationFailed('team-one', setting.now, 'unavailable'));
    await setting.takeIn(rotationFailed('team-two', setting.now, 'unavailable'));
    await setting.takeIn(rotationFailed('team-six', setting.now, 'neverAccepted'));
    expect(setting.groups().map(({ about }) => [about.alert, about.cause])).toEqual([
      ['dependencyFailing', 'unavailable'],
      ['rotationFailed', 'neverAccepted'],
    ]);
  });

  it('of another release that this one cannot read is told by what its envelope says', async () => {
    const setting = new AlertingSetting();
    const { data, ...envelope } = disabledByOthers('team-one', setting.now);
    const other = { ...envelope, type: 'keyturn.token.stolen', data: { ...data, by: 'aliens' } };
    expect(await setting.takeIn(JSON.stringify(other))).toEqual({ result: 'told' });
    await setting.deliver();
    expect(setting.got.get('log')?.[0]).toMatchObject({ alert: 'unknownAlert', severity: 'critical' });
  });

  it.each(['no event', '{}', '{"type":"keyturn.token.disabled"}'])(
    'is not made of %s, which is set aside',
    async (text) => {
      const setting = new AlertingSetting();
      expect(await setting.takeIn(text)).toEqual({ result: 'setAside' });
      expect(setting.setAside.map(({ body }) => Buffer.from(body).toString())).toEqual([text]);
    },
  );
});

describe('a sink that fails', () => {
  it('gets every alert later, and is an alert to the others', async () => {
    const setting = new AlertingSetting({ name: 'pager' }, { name: 'mail' });
    setting.answer = (sink) =>
      sink === 'pager' ? { ok: false, code: 'outOfOrder', status: 503 } : { ok: true };
    await setting.takeIn(disabledByOthers('team-one', setting.now));
    await setting.deliver();
    expect(setting.told('mail')).toEqual(['first 1']);
    await setting.pass(12 * minute);
    for (const sink of ['mail', 'log'])
      expect(setting.got.get(sink)?.map(({ alert }) => alert)).toEqual([
        'disabledOutOfBand',
        'alertSinkFailing',
      ]);
    expect(setting.got.get('pager')).toBeUndefined();
    setting.answer = () => ({ ok: true });
    await setting.pass(hour);
    expect(setting.got.get('pager')?.map(({ alert, kind }) => `${alert} ${kind}`)).toEqual([
      'disabledOutOfBand first',
    ]);
    expect(setting.got.get('mail')?.map(({ alert, kind }) => `${alert} ${kind}`)).toEqual([
      'disabledOutOfBand first',
      'alertSinkFailing first',
      'alertSinkFailing resolved',
    ]);
  });

  it('is tried once a minute at most, whatever waits for it', async () => {
    const setting = new AlertingSetting({ name: 'pager' });
    let tries = 0;
    setting.answer = () => {
      tries += 1;
      return { ok: false, code: 'timedOut' };
    };
    for (let index = 0; index < 20; index += 1)
      await setting.takeIn(requestDenied('team-one', setting.now, `rule${index}`));
    await setting.deliver();
    expect(tries).toBe(3);
    await setting.pass(10 * minute);
    expect(tries).toBeLessThanOrEqual(3 + 10);
    setting.answer = () => ({ ok: true });
    await setting.pass(hour);
    expect(new Set(setting.got.get('pager')?.map(({ id }) => id)).size).toBe(20);
  });

  it('does not hold back alerts when how it fares cannot be written down', async () => {
    const setting = new AlertingSetting({ name: 'pager' });
    setting.gate = (call) => {
      if (call.includes('Sink')) throw new Error('No records');
    };
    await setting.takeIn(disabledByOthers('team-one', setting.now));
    await setting.deliver();
    expect(setting.told('pager')).toEqual(['first 1']);
    expect(setting.troubles).toEqual(['Error']);
  });
});
