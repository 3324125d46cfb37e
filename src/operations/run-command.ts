import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { ConfigurationError } from '../configuration/read-configuration.ts';
import { isFailure, serviceFailureCodes } from '../ports/service-failure.ts';
import { UsageError } from './usage-error.ts';

/** The options of a command, from the words after `--`. @throws UsageError that names the word that does not fit */
export function parseOptions<Options extends ParseArgsOptionsConfig>(
  words: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.split('. ')[0]}. See --help`);
  }
}

/**
 * Runs a command and ends with its code; 2 for a mistake in what it was given, 1 for whatever else goes wrong. Failures
 * of services are told in one line of fixed words.
 */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    process.exitCode = error instanceof UsageError || error instanceof ConfigurationError ? 2 : 1;
    process.stderr.write(`${textOf(error)}\n`);
  }
}

function textOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigurationError) return error.message;
  if (isFailure(error)) return `${error.message}: ${serviceFailureCodes[error.code]}.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
