/** The app cannot be started; the message says why, with the name of the file or function, one problem a line. */
export class AppStartError extends Error {
  override readonly name = 'AppStartError';
}
