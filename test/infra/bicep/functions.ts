import { createHash } from 'node:crypto';
import { DeploymentScope, resourceIdBelow } from './scope.ts';
import { EvaluationError, type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from './values.ts';

export type Callable = (...values: unknown[]) => unknown;
type BicepFunction = (values: readonly unknown[], surroundings: Surroundings) => unknown;

export interface Surroundings {
  readonly scope: DeploymentScope;
  readonly tenantId: string;
  /** A file's text, by its path from the template that asks. */
  readonly read: (path: string) => string;
}

/** The public cloud's answers. Source: Bicep's documentation of `environment()`. */
const publicCloud = {
  name: 'AzureCloud',
  resourceManager: 'https://management.azure.com/',
  authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
  suffixes: { acrLoginServer: '.azurecr.io', keyvaultDns: '.vault.azure.net', storage: 'core.windows.net' },
};

/**
 * The functions of Bicep that `infra/` may call. Whatever gives away a key (`listKeys` and its like) is not among them,
 * so that a template that calls it cannot be worked out. `guid` and `uniqueString` give other values than Azure's, of
 * the same form.
 */
export const functions: Readonly<Record<string, BicepFunction>> = {
  union: (values) =>
    values.every(isFields)
      ? Object.assign({}, ...values)
      : distinct(values.flatMap((value) => listOf(value))),
  concat: (values) => values.flatMap((value) => listOf(value)),
  flatten: ([value]) => listOf(value).flatMap((inner) => listOf(inner)),
  map: ([items, by]) => listOf(items).map((item) => call(by, item)),
  filter: ([items, by]) => listOf(items).filter((item) => call(by, item) === true),
  toObject: ([items, key, value]) =>
    Object.fromEntries(
      listOf(items).map((item) => [textOf(call(key, item)), value === undefined ? item : call(value, item)]),
    ),
  items: ([value]) =>
    Object.entries(fieldsOf(value))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => ({ key, value: item })),
  empty: ([value]) => value === null || value === undefined || sizeOf(value) === 0,
  length: ([value]) => sizeOf(value),
  last: ([value]) => listOf(value).at(-1),
  take: ([value, count]) =>
    typeof value === 'string' ? value.slice(0, numberOf(count)) : listOf(value).slice(0, numberOf(count)),
  split: ([value, by]) => textOf(value).split(textOf(by)),
  join: ([values, by]) => listOf(values).map(textOf).join(textOf(by)),
  toLower: ([value]) => textOf(value).toLowerCase(),
  startsWith: ([value, start]) => textOf(value).toLowerCase().startsWith(textOf(start).toLowerCase()),
  endsWith: ([value, end]) => textOf(value).toLowerCase().endsWith(textOf(end).toLowerCase()),
  replace: ([value, what, by]) => textOf(value).replaceAll(textOf(what), textOf(by)),
  substring: ([value, start, length]) =>
    textOf(value).slice(
      numberOf(start),
      length === undefined ? undefined : numberOf(start) + numberOf(length),
    ),
  string: ([value]) => (typeof value === 'string' ? value : JSON.stringify(value)),
  uniqueString: (values) =>
    BigInt(`0x1${hash(values)}`)
      .toString(36)
      .slice(-13),
  guid: (values) => hash(values).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
  cidrSubnet: ([range, size, index]) => subnet(textOf(range), numberOf(size), numberOf(index)),
  loadJsonContent: ([path], { read }) => JSON.parse(read(textOf(path))),
  environment: () => publicCloud,
  tenant: (_, { tenantId }) => ({ tenantId }),
  subscription: ([id], { scope }) =>
    id === undefined
      ? { id: `/subscriptions/${scope.subscriptionId}`, subscriptionId: scope.subscriptionId }
      : new DeploymentScope(textOf(id)),
  resourceGroup: (values, { scope }) => resourceGroup(values.map(textOf), scope),
  resourceId: (values, { scope }) => resourceId(values.map(textOf), scope),
  subscriptionResourceId: ([type, name], { scope }) =>
    resourceIdBelow(`/subscriptions/${scope.subscriptionId}`, textOf(type), textOf(name)),
};

function call(by: unknown, item: unknown): unknown {
  if (typeof by !== 'function') throw new EvaluationError('a lambda is missing');
  return by(item);
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return isFields(value) ? Object.keys(value).length : listOf(value).length;
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function hash(values: readonly unknown[]): string {
  return createHash('sha256').update(values.map(textOf).join('\n')).digest('hex');
}

function resourceGroup(names: readonly string[], scope: DeploymentScope): DeploymentScope | Fields {
  const [first, second] = names;
  if (first !== undefined)
    return second === undefined
      ? new DeploymentScope(scope.subscriptionId, first)
      : new DeploymentScope(first, second);
  if (scope.kind !== 'resourceGroup') throw new EvaluationError('resourceGroup() without a resource group');
  return { id: scope.id, name: scope.resourceGroup };
}

function resourceId(values: readonly string[], scope: DeploymentScope): string {
  const at = values.findIndex((value) => value.includes('/'));
  const [type = '', ...names] = values.slice(at);
  const [subscriptionId, group] = at === 2 ? values : [scope.subscriptionId, scope.resourceGroup];
  if (group === undefined) throw new EvaluationError('resourceId() without a resource group');
  return resourceIdBelow(new DeploymentScope(subscriptionId ?? '', group).id, type, names.join('/'));
}

function subnet(range: string, size: number, index: number): string {
  const [address = '', length = ''] = range.split('/');
  if (Number(length) > size) throw new EvaluationError(`${range} has no room for a /${size}`);
  const number =
    address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + index * 2 ** (32 - size);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')}/${size}`;
}
