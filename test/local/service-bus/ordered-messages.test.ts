import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedMessages } from '../../../infra/local/service-bus/entities/ordered-messages.ts';

const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'delete', 'takeFirst', 'from'),
  number: fc.integer({ min: 1, max: 60 }),
});

test('keeps messages in the order of their numbers, whatever is added, removed and taken', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const messages = new OrderedMessages<{ sequenceNumber: number }>();
      let model: number[] = [];
      const ascending = () => [...model].sort((one, other) => one - other);
      for (const { kind, number } of steps) {
        if (kind === 'add' && !model.includes(number)) {
          model.push(number);
          messages.add({ sequenceNumber: number });
        }
        if (kind === 'delete') {
          expect(messages.delete(number)).toBe(model.includes(number));
          model = model.filter((other) => other !== number);
        }
        if (kind === 'takeFirst') {
          const first = messages.first();
          expect(first?.sequenceNumber).toBe(ascending()[0]);
          if (first) messages.delete(first.sequenceNumber);
          model = model.filter((other) => other !== first?.sequenceNumber);
        }
        if (kind === 'from') {
          const found = messages.from(number, 5).map(({ sequenceNumber }) => sequenceNumber);
          expect(found).toEqual(
            ascending()
              .filter((other) => other >= number)
              .slice(0, 5),
          );
        }
        expect(messages.size).toBe(model.length);
      }
      expect(messages.from(0, 1000).map(({ sequenceNumber }) => sequenceNumber)).toEqual(ascending());
    }),
    { numRuns: 500 },
  );
});

test('keeps no numbers of messages long gone', () => {
  const messages = new OrderedMessages<{ sequenceNumber: number }>();
  for (let sequenceNumber = 1; sequenceNumber <= 100_000; sequenceNumber += 1) {
    messages.add({ sequenceNumber });
    if (sequenceNumber > 10) messages.delete(sequenceNumber - 10);
  }
  expect(messages.from(1, 100).map(({ sequenceNumber }) => sequenceNumber)).toEqual(
    Array.from({ length: 10 }, (_, index) => 99_991 + index),
  );
});
