/**
 * Runs the Functions host in a process of its own, with the words that follow this file's name. When the parent ends in
 * whatever way, the channel between them closes, and the host ends too.
 */
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(), 1_500).unref();
});

await import('../functions-host/start.ts');
