import { describe, expect, test } from 'vitest';
import { defineApp } from '../../../../infra/local/functions-host/app/define-app.ts';
import type { FunctionDefinition } from '../../../../infra/local/functions-host/app/function-definition.ts';
import { AppSettings } from '../../../../infra/local/functions-host/settings/app-settings.ts';
import type {
  RegisteredBinding,
  RegisteredFunction,
} from '../../../../infra/local/functions-host/worker/worker-messages.ts';

type Options = Record<string, unknown>;

/** A function with a trigger and other bindings, as the library registers it. */
function registered(
  name: string,
  trigger: Options,
  others: Record<string, Options> = {},
): RegisteredFunction {
  const binding = (key: string, options: Options): RegisteredBinding =>
    ({ direction: 'in', name: key, ...options }) as RegisteredBinding;
  const bindings = Object.fromEntries(
    Object.entries({ trigger, ...others }).map(([key, options]) => [key, binding(key, options)]),
  );
  return { functionId: name, name, scriptFile: 'app.js', bindings };
}

function define(
  functions: RegisteredFunction[],
  environment: Record<string, string> = {},
  only?: string[],
): FunctionDefinition[] {
  return defineApp(functions, new AppSettings(environment), only);
}

const http = (options: Options = {}) => ({ type: 'httpTrigger', ...options });
const queue = (options: Options = {}) => ({ type: 'serviceBusTrigger', queueName: 'q', ...options });
const out = (options: Options) => ({ direction: 'out', ...options });

describe('defineApp', () => {
  test('puts functions into the order of their names, whatever their case', () => {
    const functions = ['b', 'A', 'C'].map((name) => registered(name, http()));
    expect(define(functions).map(({ name }) => name)).toEqual(['A', 'b', 'C']);
  });

  test('leaves out what host.json’s functions do not name', () => {
    const functions = ['a', 'b'].map((name) => registered(name, http()));
    expect(define(functions, {}, ['B']).map(({ name }) => name)).toEqual(['b']);
  });

  test('gives an HTTP function its name for a route, and all methods when it names none', () => {
    expect(define([registered('hello', http())])[0]?.trigger).toEqual({
      kind: 'http',
      route: 'hello',
      methods: undefined,
      authLevel: 'anonymous',
    });
  });

  test('resolves settings in every option', () => {
    const trigger = queue({ queueName: undefined, topicName: '%TOPIC%', subscriptionName: 's-%STAGE%' });
    const functions = [
      registered('intake', trigger, { o: out({ type: 'serviceBus', queueName: '%TOPIC%' }) }),
    ];
    expect(define(functions, { TOPIC: 'events', STAGE: 'test' })[0]).toMatchObject({
      trigger: { source: { topic: 'events', subscription: 's-test' } },
      outputs: [{ bindingName: 'o', entity: 'events' }],
    });
  });

  test('knows which functions are switched off', () => {
    const functions = ['a', 'b'].map((name) => registered(name, http()));
    const environment = { 'AzureWebJobs.b.Disabled': 'true' };
    expect(define(functions, environment).map(({ isDisabled }) => isDisabled)).toEqual([false, true]);
  });

  test('reads retries', () => {
    const retryOptions = {
      retryStrategy: 'fixedDelay',
      maxRetryCount: 3,
      delayInterval: { seconds: 5 },
    } as const;
    const timer = registered('tick', { type: 'timerTrigger', schedule: '0 0 * * * *' });
    expect(define([{ ...timer, retryOptions }])[0]?.retry).toEqual({
      strategy: 'fixedDelay',
      maxRetryCount: 3,
      delay: 5000,
    });
  });

  describe('refuses, with the name of the function and the feature,', () => {
    const table: Record<string, [functions: RegisteredFunction[], message: RegExp]> = {};
    for (const type of [
      'queueTrigger',
      'blobTrigger',
      'eventGridTrigger',
      'eventHubTrigger',
      'cosmosDBTrigger',
      'entityTrigger',
      'warmupTrigger',
    ])
      table[`the trigger ${type}`] = [
        [registered('f', { type })],
        new RegExp(`^The 'f' function is in error: ${type} is not supported$`),
      ];
    Object.assign(table, {
      'an input binding that it does not have': [
        [registered('f', http(), { i: { type: 'blob' } })],
        /'f' function is in error: the input binding blob is not supported/,
      ],
      'an output binding that it does not have': [
        [registered('f', http(), { o: out({ type: 'queue' }) })],
        /'f' function is in error: the output binding queue is not supported/,
      ],
      sessions: [
        [registered('f', queue({ isSessionsEnabled: true }))],
        /serviceBusTrigger: isSessionsEnabled: sessions are not supported/,
      ],
      'the SDK binding': [
        [registered('f', queue({ properties: { supportsDeferredBinding: 'true' } }))],
        /serviceBusTrigger: sdkBinding is not supported/,
      ],
      'a stream for a message': [
        [registered('f', queue({ dataType: 'stream' }))],
        /dataType: must be string or binary/,
      ],
      'a message trigger without entity': [
        [registered('f', queue({ queueName: undefined, topicName: 't' }))],
        /needs queueName, or topicName and subscriptionName/,
      ],
      'an output without entity': [
        [registered('f', http(), { o: out({ type: 'serviceBus' }) })],
        /needs queueName or topicName/,
      ],
      'an auth level that is none': [
        [registered('f', http({ authLevel: 'system' }))],
        /authLevel: must be anonymous, function or admin/,
      ],
      'a setting that is missing': [
        [registered('f', queue({ queueName: '%Q%' }))],
        /serviceBusTrigger: queueName: '%Q%' does not resolve/,
      ],
      'an HTTP output without HTTP trigger': [
        [registered('f', queue(), { $return: out({ type: 'http' }) })],
        /the output binding http needs an HTTP trigger/,
      ],
      'two triggers': [[registered('f', http(), { other: queue() })], /Multiple trigger bindings defined/],
      'no trigger': [[registered('f', out({ type: 'http' }))], /No trigger binding specified/],
      'a name that is none': [[registered('1st', http())], /'1st' is not a valid function name/],
      'a name of more than 128 characters': [
        [registered('x'.repeat(129), http())],
        /is not a valid function name/,
      ],
      'the name host': [[registered('Host', http())], /'Host' is not a valid function name/],
      'names that differ only in case': [
        [registered('f', http()), registered('F', queue())],
        /The function name must be unique/,
      ],
      'two functions with one route and a common method': [
        [
          registered('f', http({ route: '/same' })),
          registered('g', http({ route: 'SAME/', methods: ['GET'] })),
        ],
        /'g' function is in error: The route specified conflicts with the route defined by function 'f'/,
      ],
      'a route of the host’s own': [
        [registered('f', http({ route: 'admin/f' }))],
        /conflicts with one or more built in routes/,
      ],
    });
    for (const [what, [functions, message]] of Object.entries(table))
      test(what, () => expect(() => define(functions)).toThrow(message));
  });

  test('lets two functions share a route when they have no method in common', () => {
    const functions = [
      registered('reads', http({ route: 'same', methods: ['GET'] })),
      registered('writes', http({ route: 'same', methods: ['post'] })),
    ];
    expect(define(functions)).toHaveLength(2);
  });

  test('tells all problems at once, each in a line', () => {
    const functions = [
      registered('f', { type: 'blobTrigger' }),
      registered('g', queue({ isSessionsEnabled: true })),
    ];
    expect(() => define(functions)).toThrow(/'f' function.*blobTrigger.*\n.*'g' function.*sessions/);
  });
});
