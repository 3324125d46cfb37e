/**
 * The body of a request as text.
 * @throws what `tooLarge` makes, as soon as more than `mostBytes` have come.
 */
export async function readText(request: Request, mostBytes: number, tooLarge: () => Error): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
