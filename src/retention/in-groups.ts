/** Things that are cleared away at the same time. */
const atATime = 16;

/**
 * What a call answers for each item, group by group as the items are read. Of calls that fail, the others of their group
 * are awaited before the first failure is thrown.
 */
export async function* inGroups<Item, Answer>(
  items: AsyncIterable<Item>,
  call: (item: Item) => Promise<Answer>,
): AsyncGenerator<Answer[]> {
  let group: Promise<Answer>[] = [];
  for await (const item of items) {
    group.push(call(item));
    if (group.length < atATime) continue;
    yield await all(group);
    group = [];
  }
  yield await all(group);
}

async function all<Answer>(group: readonly Promise<Answer>[]): Promise<Answer[]> {
  await Promise.allSettled(group);
  return Promise.all(group);
}
