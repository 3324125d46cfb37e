/** The error that a call fails with; a call that succeeds is an error. */
export async function rejectionOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error('What was thrown is no error.');
  }
  throw new Error('The call succeeded');
}
