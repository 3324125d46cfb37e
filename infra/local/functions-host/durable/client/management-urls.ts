/** The path under which the extension serves its management endpoints to the outside. */
export const webhookPath = '/runtime/webhooks/durabletask';

/** The path under which it serves its client in the worker, on this machine only. */
export const rpcPath = '/durabletask';

export interface ManagementAddress {
  /** For example `http://localhost:7071`. */
  readonly origin: string;
  readonly taskHubName: string;
  /** The system key that the endpoints ask for as `code`. */
  readonly key: string;
  /** The name of the storage connection; it only shows in links. */
  readonly connectionName?: string;
}

/** Where an instance's status can be asked for, events sent to it and so on; `id` is put into the links as it is. */
export function managementUrls(id: string, address: ManagementAddress): Record<string, string> {
  const instance = `${address.origin}${webhookPath}/instances/${encodeURIComponent(id)}`;
  const hub = `taskHub=${encodeURIComponent(address.taskHubName)}`;
  const connection = `connection=${encodeURIComponent(address.connectionName ?? 'Storage')}`;
  const query = `${hub}&${connection}&${requiredQuery(address)}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/** The answer that tells a caller where to ask for the status of what it has started. */
export function checkStatusLinks(id: string, address: ManagementAddress): Record<string, string> {
  const { rewindPostUri: _, ...links } = managementUrls(id, address);
  return links;
}

export interface DurableClientUrls {
  /** Where the host can be reached from outside, for example `http://localhost:7071`. */
  readonly origin: string;
  /** Where the worker reaches the client API, ending in `/durabletask/`. */
  readonly rpcBaseUrl: string;
  readonly connectionName?: string;
}

/** The JSON text that a `durableClient` input binding hands to a function. */
export function durableClientInput(urls: DurableClientUrls, taskHubName: string, key: string): string {
  const { rpcBaseUrl, ...rest } = urls;
  const address: ManagementAddress = { ...rest, taskHubName, key };
  const baseUrl = `${urls.origin}${webhookPath}`;
  const creation = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  const query = requiredQuery(address);
  return JSON.stringify({
    taskHubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${creation}?${query}`,
      createAndWaitOnNewInstancePostUri: `${creation}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${query}`,
    },
    managementUrls: managementUrls('INSTANCEID', address),
    baseUrl,
    requiredQueryStringParameters: query,
    rpcBaseUrl,
  });
}

function requiredQuery({ key }: ManagementAddress): string {
  return `code=${encodeURIComponent(key)}`;
}
