import { describe, expect, it } from 'vitest';
import { notedCapacitySchema } from '../../src/ports/registry-notes.ts';
import { noteCapacity } from '../../src/watch/note-capacity.ts';
import { MemoryNotes } from '../activities/memory/memory-notes.ts';
import { at, hour } from '../lifecycle/build.ts';

const contoso = { name: 'contoso' };

async function noted(notes: MemoryNotes) {
  return notedCapacitySchema.parse((await notes.readNote('contoso', 'capacity'))?.value);
}

describe('how full a registry is', () => {
  it.each([
    ['Basic', 100],
    ['Standard', 500],
    ['premium', 50_000],
  ])('is written down with the limit of its tier: %s', async (sku, limit) => {
    const notes = new MemoryNotes();
    await noteCapacity(contoso, 42, { sku }, { now: at(0) }, { notes });
    expect(await noted(notes)).toEqual({ tokens: 42, limit, tier: sku, at: at(0) });
  });

  it('is written down without a limit where the tier is not known', async () => {
    const notes = new MemoryNotes();
    await noteCapacity(contoso, 42, { sku: 'Colossal' }, { now: at(0) }, { notes });
    expect(await noted(notes)).toEqual({ tokens: 42, tier: 'Colossal', at: at(0) });
  });

  it('is what was seen last', async () => {
    const notes = new MemoryNotes();
    await noteCapacity(contoso, 42, { sku: 'Basic' }, { now: at(0) }, { notes });
    await noteCapacity(contoso, 43, { sku: 'Basic' }, { now: at(hour) }, { notes });
    expect(await noted(notes)).toMatchObject({ tokens: 43, at: at(hour) });
  });
});
