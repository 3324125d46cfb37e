import { describe, expect, it } from 'vitest';
import type { Credential, Slot } from '../../src/lifecycle/credential.ts';
import type { SlotEntry } from '../../src/lifecycle/facts.ts';
import { chooseSlot, publications, type SlotChoice, slotKnowledge } from '../../src/lifecycle/slots.ts';
import { at, credential, day, identity, minute, second } from './build.ts';
import { versionOf } from './build-facts.ts';

/** Generation 2 took the place of generation 1 on day 56. */
const first = credential(0, { supersededAt: at(56 * day + minute + second) });
const second_ = credential(56 * day, { generation: 2, slot: 'password2', secretVersion: 'version2' });

function entry({ slot, slotCreatedAt, expiresAt }: Credential): SlotEntry {
  return { slot, createdAt: slotCreatedAt, expiresAt };
}

interface Row {
  passwords: readonly SlotEntry[];
  known: readonly Credential[];
  published?: Slot;
  mayCutShort?: boolean;
  now: number;
  expect: SlotChoice;
}

const freeAt = at(70 * day + minute + second);
const both = {
  passwords: [entry(first), entry(second_)],
  known: [first, second_],
  published: 'password2',
} as const;
const free = (slot: Slot): SlotChoice => ({ ok: true, slot });

const rows: Readonly<Record<string, Row>> = {
  'a new token begins with the first slot': { passwords: [], known: [], now: 0, expect: free('password1') },
  'a token with one password takes the empty slot': {
    passwords: [entry(first)],
    known: [first],
    published: 'password1',
    now: 0,
    expect: free('password2'),
  },
  'no slot is free one millisecond before the overlap is over': {
    ...both,
    now: Date.parse(freeAt) - Date.parse(at(0)) - 1,
    expect: { ok: false, freeAt },
  },
  'the slot that was replaced is free when the overlap is over': {
    ...both,
    now: Date.parse(freeAt) - Date.parse(at(0)),
    expect: free('password1'),
  },
  'the slot that was replaced is free once its password has run out': {
    ...both,
    passwords: [{ ...entry(first), expiresAt: at(60 * day) }, entry(second_)],
    known: [{ ...first, expiresAt: at(60 * day) }, second_],
    now: 60 * day,
    expect: free('password1'),
  },
  'and not one second sooner': {
    ...both,
    passwords: [{ ...entry(first), expiresAt: at(60 * day) }, entry(second_)],
    known: [{ ...first, expiresAt: at(60 * day) }, second_],
    now: 60 * day - second,
    expect: { ok: false, freeAt: at(60 * day) },
  },
  'a slot that was promised for longer, or for less, is free by that promise': {
    ...both,
    known: [{ ...first, retireAt: at(58 * day) }, second_],
    now: 58 * day,
    expect: free('password1'),
  },
  'where that is allowed the password before is cut short, and whose that was is told': {
    ...both,
    mayCutShort: true,
    now: 57 * day,
    expect: {
      ok: true,
      slot: 'password1',
      cutShort: { slot: 'password1', generation: 1, promisedUntil: freeAt },
    },
  },
  'a password that nobody published is thrown away first': {
    ...both,
    passwords: [{ slot: 'password1', createdAt: at(71 * day) }, entry(second_)],
    now: 71 * day,
    expect: free('password1'),
  },
  'a password that somebody else ended is no reason to wait; that it was promised for longer is told': {
    ...both,
    passwords: [{ slot: 'password1', createdAt: at(57 * day) }, entry(second_)],
    now: 57 * day,
    expect: {
      ok: true,
      slot: 'password1',
      cutShort: { slot: 'password1', generation: 1, promisedUntil: freeAt },
    },
  },
  'a published password that somebody regenerated is dead, and its slot is taken; the one before lives on': {
    ...both,
    passwords: [entry(first), { slot: 'password2', createdAt: at(57 * day) }],
    now: 57 * day,
    expect: free('password2'),
  },
  'of two dead slots the one that is not published is taken': {
    ...both,
    passwords: [],
    now: 80 * day,
    expect: free('password1'),
  },
  'the order in which the registry lists the passwords means nothing': {
    ...both,
    passwords: [entry(second_), entry(first)],
    now: 71 * day,
    expect: free('password1'),
  },
};

describe('the slot for the next credential', () => {
  it.each(Object.entries(rows))('%s', (_sentence, row) => {
    const credentials = Object.fromEntries(row.known.map((known) => [known.slot, known]));
    const knowledge = { credentials, published: row.published };
    const asked = { overlap: 'P14D', mayCutShort: row.mayCutShort ?? false, now: at(row.now) };
    expect(chooseSlot({ passwords: row.passwords }, knowledge, asked)).toEqual(row.expect);
  });
});

describe('what the vault has published', () => {
  it('is told by the time of its versions, not by their order', () => {
    const versions = [versionOf(second_), versionOf(first)];
    for (const listed of [versions, versions.toReversed()]) {
      expect(publications(listed, identity).map(({ tags }) => tags.generation)).toEqual([2, 1]);
    }
  });

  it('is told by the rotation id when two versions were written in the same second', () => {
    const createdAt = at(day);
    const versions = [
      versionOf(first, { createdAt }),
      versionOf({ ...second_, incarnation: 2, generation: 1 }, { createdAt }),
      versionOf(second_, { createdAt }),
    ];
    const ids = publications(versions, identity).map(({ tags }) => `${tags.incarnation}/${tags.generation}`);
    expect(ids).toEqual(['2/1', '1/2', '1/1']);
  });

  it('leaves out what others wrote, and what is about another token', () => {
    const versions = [
      versionOf(first),
      versionOf(second_, { tags: {} }),
      versionOf(second_, { tags: { ...versionOf(second_).tags, token: 'other-token' } }),
    ];
    expect(publications(versions, identity)).toHaveLength(1);
  });

  it('wins over what the record believes, and the record fills in what it does not say', () => {
    const believed = {
      credentials: { password1: { ...first, retireAt: at(58 * day), verified: false } },
      published: 'password1' as const,
    };
    const known = slotKnowledge(publications([versionOf(first), versionOf(second_)], identity), believed);
    expect(known.published).toBe('password2');
    expect(known.credentials.password2).toMatchObject({
      generation: 2,
      slotCreatedAt: second_.slotCreatedAt,
    });
    expect(known.credentials.password1).toMatchObject({ retireAt: at(58 * day), verified: false });
    expect(known.credentials.password1?.supersededAt).toBe(at(56 * day + minute + second));
  });

  it('says nothing when the secret is gone: then the record is believed', () => {
    const believed = { credentials: { password1: first }, published: 'password1' as const };
    expect(slotKnowledge([], believed)).toEqual(believed);
  });

  it('does not keep what was promised for another password of the slot', () => {
    const believed = { credentials: { password1: { ...first, slotCreatedAt: at(-day), retireAt: at(day) } } };
    const known = slotKnowledge(publications([versionOf(first)], identity), believed);
    expect(known.credentials.password1?.retireAt).toBeUndefined();
  });
});
