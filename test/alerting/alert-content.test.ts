import { describe, expect, it } from 'vitest';
import { alertSchema } from '../../src/alerting/alert.ts';
import { alertNames } from '../../src/alerting/alert-names.ts';
import { readReport } from '../../src/alerting/read-report.ts';
import { alertTexts } from '../../src/alerting/texts/alert-text.ts';
import type { EventType, KeyturnEvent } from '../../src/contracts/events.ts';
import { alertOf, incidentOf, resource } from './build-alerts.ts';
import { documentedEvents } from './documented-events.ts';

function example(type: EventType): KeyturnEvent {
  const event = documentedEvents.get(type);
  if (!event) throw new Error(`docs/messages.md shows no ${type}.`);
  return event;
}

describe('an event', () => {
  it.each([...documentedEvents])(
    '%s is an alert, the end of one, or neither, as its severity says',
    (type, event) => {
      const report = readReport(Buffer.from(JSON.stringify(event)));
      if (type.endsWith('drift-resolved')) expect(report).toMatchObject({ kind: 'resolution' });
      else if (event.severity === 'info') expect(report).toBe('nothing');
      else expect(report).toMatchObject({ kind: 'incident', facts: { severity: event.severity } });
    },
  );

  it('that ends a finding names the same place as the one that began it', () => {
    const { about, subject } = incidentOf(example('keyturn.registry.drift-detected'));
    const end = readReport(Buffer.from(JSON.stringify(example('keyturn.registry.drift-resolved'))));
    expect(end).toMatchObject({ about: { alert: about.alert, registry: about.registry }, subject });
  });
});

describe('the content of an alert', () => {
  it('says what, whose, until when, who, why, what was done, and what to do', () => {
    const alert = alertOf(incidentOf(example('keyturn.token.disabled')));
    expect(alert).toMatchObject({
      alert: 'disabledOutOfBand',
      severity: 'critical',
      title: 'contoso/team-web: disabled by others',
      registry: 'contoso',
      loginServer: 'contoso.azurecr.io',
      count: 1,
      examples: [{ token: 'team-web', owner: 'team-web', severity: 'critical' }],
      listAll: 'GET /api/findings?registry=contoso&finding=disabledOutOfBand',
      since: '2026-03-01T12:01:31.000Z',
      deadline: '2026-03-01T12:01:31.000Z',
      who: {
        kind: 'user',
        name: 'sam@contoso.example',
        address: '203.0.113.7',
        correlationId: 'a2b4c6d8-0000-4000-8000-000000000001',
      },
      cause: 'person',
      evidence: [
        'Azure reports that sam@contoso.example did it.',
        'status: expected enabled, found disabled.',
      ],
      done: 'Keyturn has changed nothing.',
      toDo: { runbook: 'docs/runbooks.md#disabled-out-of-band' },
    });
    expect(alert.impact).toMatch(/Nobody can log in/);
    expect(alert.toDo.command).toMatch(
      /^az acr token show --name team-web --registry contoso --subscription 4d1cf5cb/,
    );
  });

  it('says what Keyturn will do next, and when', () => {
    const alert = alertOf(incidentOf(example('keyturn.token.drift-detected')));
    expect(alert.next).toEqual({ what: 'restore what it had left', at: '2026-03-01T12:01:40.000Z' });
    const failing = alertOf(incidentOf(example('keyturn.token.rotation-failed')));
    expect(failing).toMatchObject({
      alert: 'rotationFailed',
      cause: 'vaultForbidden',
      deadline: '2026-05-14T12:00:05.000Z',
      next: { what: 'try again', at: '2026-05-07T08:12:41.000Z' },
    });
  });

  it('says of a window that is ignored when it would open, and what comes instead', () => {
    expect(alertOf(incidentOf(example('keyturn.token.rotation-window-ignored')))).toMatchObject({
      alert: 'rotationWindowIgnored',
      severity: 'warning',
      since: '2026-03-29T12:01:35.000Z',
      deadline: '2026-04-03T12:00:05.000Z',
      evidence: ['The next window opens at 2026-04-04T20:00:00.000Z.'],
      next: { what: 'rotate without a window' },
      toDo: { runbook: 'docs/runbooks.md#rotation-window-ignored' },
    });
  });

  it.each([
    ['nothing', undefined, 'Keyturn has changed nothing.'],
    ['nothing', 'actorIsPerson', /^Keyturn has changed nothing: a person did it; .*\.$/],
    ['restored', undefined, 'Keyturn has restored what it had left.'],
    ['failed', 'neverAccepted', 'Keyturn has tried to mend it and failed: neverAccepted.'],
    ['parked', 'healedTooOften', /^Keyturn has given up .*: it came back three times within a day\.$/],
  ] as const)('says what Keyturn did, and why not more: %s %s', (done, code, sentence) => {
    const event = structuredClone(example('keyturn.token.disabled'));
    if (!('drift' in event.data) || !event.data.drift) throw new Error('The example is no finding.');
    Object.assign(event.data.drift, { done }, code && { code });
    const told = alertOf(incidentOf(event)).done;
    if (typeof sentence === 'string') expect(told).toBe(sentence);
    else expect(told).toMatch(sentence);
  });

  it('says what a person has to do, where Keyturn knows', () => {
    const alert = alertOf(incidentOf(example('keyturn.token.request-failed')));
    expect(alert.toDo.advice).toMatch(/^Choose another secret name/);
  });

  it('says until when a revoked token may still be used', () => {
    const alert = alertOf(incidentOf(example('keyturn.token.revoked')));
    expect(alert.evidence.join(' ')).toContain('may live on until 2026-03-01T15:00:05.000Z');
  });

  it('counts, where there are many', () => {
    const incident = incidentOf(example('keyturn.token.disabled'));
    const other = { ...incident.facts, token: 'team-app' };
    const examples = [
      { facts: incident.facts, resolved: false },
      { facts: other, resolved: true },
    ] as const;
    expect(alertOf(incident, { count: 5_000, open: 4_999, examples }).title).toBe(
      'contoso: 5000 tokens (4999 still): disabled by others',
    );
    expect(alertOf(incident, { count: 2, open: 0, kind: 'resolved', examples })).toMatchObject({
      title: 'over: contoso: 2 tokens: disabled by others',
      impact: 'It is over.',
    });
  });

  it('names no registry in a command that it does not know in Azure', () => {
    const incident = incidentOf(example('keyturn.token.disabled'));
    expect(alertOf(incident, { resource: undefined }).toDo.command).toBeUndefined();
  });

  it('caps and cleans what others wrote', () => {
    const event = structuredClone(example('keyturn.token.disabled'));
    const hostile = `\u202eevil\u0007\n${'x'.repeat(10_000)}`;
    if (!('drift' in event.data) || !event.data.drift?.actor) throw new Error('The example has no actor.');
    event.data.drift.evidence = Array.from({ length: 50 }, () => hostile);
    event.data.drift.actor.name = 'eve\u200b<!channel>';
    const alert = alertOf(incidentOf(event));
    expect(alert.evidence).toHaveLength(5);
    expect(alert.evidence[0]).toMatch(/^evil x{194}…$/);
    expect(alert.who?.name).toBe('eve <!channel>');
  });

  it('has a notification id of its own for each notification, and the same for each copy', () => {
    const incident = incidentOf(example('keyturn.token.disabled'));
    expect(alertOf(incident).id).toBe(alertOf(incident, { now: '2026-04-01T00:00:00.000Z' }).id);
    expect(alertOf(incident).id).not.toBe(alertOf(incident, { number: 2 }).id);
  });
});

describe('each kind of alert', () => {
  it.each(alertNames)('%s says what it means and how to look at it', (name) => {
    const { title, impact, look } = alertTexts[name];
    expect(title).toMatch(/^[a-zA-Z]/);
    expect(impact).toMatch(/\.$/);
    expect(look({ ...resource, token: 'team-web' })).toMatch(/^(az|curl) /);
  });

  it('makes a valid alert of the longest of its texts', () => {
    for (const event of documentedEvents.values())
      if (event.severity !== 'info') expect(alertSchema.parse(alertOf(incidentOf(event)))).toBeDefined();
  });
});
