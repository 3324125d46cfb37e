/** Something in the demo went otherwise than it was told: the demo ends with these words and exit code 1. */
export class NotAsTold extends Error {
  override readonly name = 'NotAsTold';
}
