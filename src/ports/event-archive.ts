/** Where events are kept for good: what is there can neither be changed nor deleted. */
export interface EventArchive {
  /**
   * Keeps a document under a name. True: it is there now; false: it was there before, and is left as it was.
   *
   * @throws ServiceFailure
   */
  keep(name: string, body: Uint8Array): Promise<boolean>;
}
