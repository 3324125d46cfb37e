import { invalidRequestContent, ServiceError } from './service-error.ts';

/** The largest request that Azure Resource Manager takes. */
const mostBytes = 4 * 1024 * 1024;

/** @throws ServiceError when the body is not JSON, not said to be JSON, or too large. */
export async function readJson(request: Request): Promise<unknown> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = await readText(request);
  if (text !== '' && mediaType !== 'application/json')
    throw new ServiceError(
      'gateway',
      415,
      'UnsupportedMediaType',
      `The content media type '${mediaType || '<null>'}' is not supported. Only 'application/json' is supported.`,
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidRequestContent(text === '' ? 'No body' : (error as SyntaxError).message);
  }
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes)
      throw new ServiceError(
        'gateway',
        413,
        'RequestContentTooLarge',
        `The request content is larger than ${mostBytes} bytes.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
