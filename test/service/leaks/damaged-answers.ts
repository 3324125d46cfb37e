import type { Fault } from '../../../infra/local/control/faults.ts';

type Effect = Fault['effect'];

const garbled: Effect = { kind: 'damage', how: 'garble' };
const cut: Effect = { kind: 'damage', how: 'cut' };
const droppedAfter: Effect = { kind: 'drop', when: 'after' };
const failedAfter: Effect = { kind: 'fail', status: 500, when: 'after' };

/** Every way in which an answer goes wrong after its request had its effect. */
const afterEffect = [garbled, cut, droppedAfter, failedAfter];

/** Each of these requests meets each effect once: those whose answers hold a password or login token most of all. */
const places: readonly [part: Fault['part'], match: string, effects: readonly Effect[]][] = [
  ['resource-manager', '^POST .*generateCredentials', [...afterEffect, garbled, cut]],
  ['resource-manager', '^(PUT|PATCH) .*/tokens/', [garbled, cut, failedAfter]],
  ['resource-manager', '^GET .*/tokens/', [garbled, cut]],
  ['login-server', 'oauth2/token', [...afterEffect, { kind: 'fail', status: 401 }]],
  ['key-vault', '^PUT /secrets/', afterEffect],
  ['key-vault', '^GET /secrets/.*versions', [garbled, cut]],
  ['storage', '^(PUT|PATCH|POST) ', [garbled, cut, droppedAfter]],
];

export const damagedAnswers: readonly Fault[] = places.flatMap(([part, match, effects]) =>
  effects.map((effect): Fault => ({ part, match, effect, times: 1 })),
);
