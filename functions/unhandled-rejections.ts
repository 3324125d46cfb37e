import { troubleOf } from '../src/ports/trouble.ts';

/**
 * A worker that exits fails every orchestration whose episode it was running, so a promise that nobody awaited must not
 * end it. An error's own text may hold anything, so only its class and its places in the code are told.
 */
process.on('unhandledRejection', (error) => {
  process.stderr.write(`${JSON.stringify({ record: 'unhandledRejection', ...troubleOf(error) })}\n`);
});
