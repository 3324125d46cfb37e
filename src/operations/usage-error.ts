/** A mistake of the person at the keyboard: told in one line, without a stack; the command ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
