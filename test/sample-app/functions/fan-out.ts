import * as df from 'durable-functions';
import { leaveEffect } from '../journal.ts';

interface Page {
  readonly instanceId: string;
  readonly page: number;
  readonly text: string;
}

/** Fan-out/fan-in: all pages at once, and their sum when the last is done. */
df.app.orchestration('countWords', function* (context) {
  const { instanceId } = context.df;
  const { pages } = context.df.getInput<{ pages: string[] }>();
  const tasks = pages.map((text, page) =>
    context.df.callActivity('countWordsOfPage', { instanceId, page, text } satisfies Page),
  );
  const counts: number[] = yield context.df.Task.all(tasks);
  const total = counts.reduce((sum, count) => sum + count, 0);
  yield context.df.callActivity('storeTotal', { instanceId, total });
  return { counts, total };
});

df.app.activity('countWordsOfPage', {
  handler: async ({ instanceId, page, text }: Page) => {
    await leaveEffect(instanceId, `page ${page}`);
    return text.split(/\s+/).filter((word) => word !== '').length;
  },
});

df.app.activity('storeTotal', {
  handler: async ({ instanceId, total }: { instanceId: string; total: number }) => {
    await leaveEffect(instanceId, `total ${total}`);
  },
});
