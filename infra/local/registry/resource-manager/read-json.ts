import { readText } from '../read-text.ts';
import { invalidRequestContent, ServiceError } from './service-error.ts';

/** The largest request that Azure Resource Manager takes. */
const mostBytes = 4 * 1024 * 1024;

/** @throws ServiceError when the body is not JSON, not said to be JSON, or too large. */
export async function readJson(request: Request): Promise<unknown> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = await readText(request, mostBytes, tooLarge);
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

function tooLarge(): ServiceError {
  return new ServiceError(
    'gateway',
    413,
    'RequestContentTooLarge',
    `The request content is larger than ${mostBytes} bytes.`,
  );
}
