/** The task hub's store does not answer; nothing was changed, and the same may work later. */
export class StoreUnreachable extends Error {
  override readonly name = 'StoreUnreachable';

  constructor(reason: string, options?: ErrorOptions) {
    super(`The store of the task hub cannot be reached: ${reason}`, options);
  }
}
