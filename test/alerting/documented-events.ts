import { readFileSync } from 'node:fs';
import { type EventType, eventSchema, type KeyturnEvent } from '../../src/contracts/events.ts';

const examples = [...readFileSync('docs/messages.md', 'utf8').matchAll(/```json\n(.*?)```/gs)].flatMap(
  ([, text]) => {
    const event = eventSchema.safeParse(JSON.parse(text ?? ''));
    return event.success ? [event.data] : [];
  },
);

/** The events that docs/messages.md shows, one of each type. */
export const documentedEvents: ReadonlyMap<EventType, KeyturnEvent> = new Map(
  examples.map((event) => [event.type, event]),
);
