import { spawn } from 'node:child_process';

/**
 * Runs docker-registry, with the words that follow this file's name, from a process of its own. When the parent closes the
 * channel between them, or ends in whatever way, docker-registry ends too.
 */
const [program = '', ...words] = process.argv.slice(2);
const registry = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
registry.once('close', (code) => process.exit(code ?? 1));
process.once('disconnect', () => registry.kill('SIGKILL'));
