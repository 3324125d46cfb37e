import type { ErrorAnswer } from '../http/faults-and-history.ts';
import type { StorageService } from './azurite-process.ts';

const usualErrors: Readonly<Record<number, readonly [code: string, message: string]>> = {
  401: ['InvalidAuthenticationInfo', 'Server failed to authenticate the request.'],
  403: ['AuthorizationFailure', 'This request is not authorized to perform this operation.'],
  404: ['ResourceNotFound', 'The specified resource does not exist.'],
  409: ['Conflict', 'The request could not be completed because of a conflict.'],
  412: ['UpdateConditionNotSatisfied', 'The update condition specified in the request was not satisfied.'],
  500: ['InternalError', 'The server encountered an internal error. Please retry the request.'],
  503: ['ServerBusy', 'The server is busy.'],
};

/**
 * Answers an error in Azure Storage's shape: JSON for tables, XML for blobs and queues. Azure Storage throttles with 503
 * `ServerBusy` and never with 429, so that is what a throttled request gets.
 */
export function storageErrorAnswer(service: StorageService): ErrorAnswer {
  return ({ status: askedStatus, code: askedCode, message: askedMessage, headers }) => {
    const status = askedStatus === 429 && askedCode === undefined ? 503 : askedStatus;
    const [usualCode, usualMessage] = usualErrors[status] ?? ['InternalError', 'The request failed.'];
    const code = askedCode ?? usualCode;
    const requestId = crypto.randomUUID();
    const message = `${askedMessage ?? usualMessage}\nRequestId:${requestId}`;
    const contentType = service === 'table' ? 'application/json;odata=minimalmetadata' : 'application/xml';
    return new Response(service === 'table' ? tableError(code, message) : xmlError(code, message), {
      status,
      headers: {
        ...headers,
        'content-type': `${contentType};charset=utf-8`,
        'x-ms-error-code': code,
        'x-ms-request-id': requestId,
      },
    });
  };
}

function tableError(code: string, value: string): string {
  return JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value } } });
}

function xmlError(code: string, message: string): string {
  const [safeCode, safeMessage] = [code, message].map(escapeXml);
  return `<?xml version="1.0" encoding="utf-8"?><Error><Code>${safeCode}</Code><Message>${safeMessage}</Message></Error>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
