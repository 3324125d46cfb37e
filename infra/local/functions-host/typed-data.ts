/**
 * A value on its way between host and worker. Exactly one member is set; none at all stands for null.
 * @see https://github.com/Azure/azure-functions-language-worker-protobuf (TypedData)
 */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: HttpData;
  readonly collectionString?: { readonly string: readonly string[] };
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly collectionDouble?: { readonly double: readonly number[] };
}

export interface NullableString {
  readonly value: string;
}

/** An HTTP request to a function, or its answer. */
export interface HttpData {
  readonly url?: string;
  readonly method?: string;
  readonly nullableHeaders?: Readonly<Record<string, NullableString>>;
  readonly nullableQuery?: Readonly<Record<string, NullableString>>;
  readonly nullableParams?: Readonly<Record<string, NullableString>>;
  readonly body?: TypedData | null;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly HttpCookie[];
  readonly enableContentNegotiation?: boolean;
}

export interface HttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: NullableString;
  readonly path?: NullableString;
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
}

/** What the worker is asked to run. */
export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: ReadonlyArray<{ readonly name: string; readonly data: TypedData }>;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly traceContext: TraceContext;
  readonly retryContext?: RetryContext;
}

export interface TraceContext {
  readonly traceParent: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception: { readonly message: string; readonly source: string; readonly stackTrace: string };
}

/** What came of it. */
export interface InvocationResponse {
  readonly outputData: ReadonlyArray<{ readonly name: string; readonly data: TypedData }>;
  readonly returnValue?: TypedData | null;
}

/**
 * The value as the host reads it: text, number, parsed JSON, bytes; undefined when nothing was sent.
 */
export function fromTypedData(data: TypedData | null | undefined): unknown {
  if (!data) return undefined;
  if (data.json !== undefined) return JSON.parse(data.json);
  return data.string ?? data.bytes ?? data.int ?? data.double;
}

/**
 * A value of trigger metadata as the real host encodes it: texts as text, bytes as bytes, collections as such, everything else
 * (also whole numbers and dates) as JSON. An array of texts loses its empty entries unless the worker has asked for them.
 */
export function toMetadataTypedData(value: unknown, keepEmptyEntries: boolean): TypedData {
  if (value === null) return {};
  if (typeof value === 'string') return { string: value };
  if (value instanceof Uint8Array) return { bytes: value };
  if (isStringArray(value)) {
    const entries = value.map((entry) => entry ?? '');
    return {
      collectionString: { string: keepEmptyEntries ? entries : entries.filter((entry) => entry !== '') },
    };
  }
  return { json: JSON.stringify(value) };
}

function isStringArray(value: unknown): value is (string | null)[] {
  return (
    Array.isArray(value) &&
    value.some((entry) => typeof entry === 'string') &&
    value.every((entry) => entry === null || typeof entry === 'string')
  );
}
