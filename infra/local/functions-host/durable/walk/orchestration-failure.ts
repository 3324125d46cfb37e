/** Ends an instance as Failed; `message` becomes its output, `details` travel to a parent. */
export class OrchestrationFailure extends Error {
  override readonly name = 'OrchestrationFailure';
  readonly details: string;

  constructor(message: string, details: string) {
    super(message);
    this.details = details;
  }
}
