import { createRequire } from 'node:module';

/**
 * Runs Azurite in a process of its own, with the words that follow this file's name. When the parent closes the channel
 * between them, or ends in whatever way, Azurite saves its data and ends too.
 */
process.once('disconnect', () => {
  process.emit('SIGTERM');
  setTimeout(() => process.exit(), 500).unref();
});

createRequire(import.meta.url)('azurite/dist/src/azurite.js');
