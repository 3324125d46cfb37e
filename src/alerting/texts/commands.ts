import type { Named } from './alert-text.ts';

const inRegistry = ({ registry, subscription }: Named) =>
  `--registry ${registry} --subscription ${subscription}`;

export const showToken = (named: Named): string =>
  `az acr token show --name ${named.token} ${inRegistry(named)} --query "{status:status, scopeMap:scopeMapId, passwords:credentials.passwords}"`;

export const listTokens = (named: Named): string =>
  `az acr token list ${inRegistry(named)} --query "[].{name:name, status:status, scopeMap:scopeMapId}" --output table`;

export const listScopeMaps = (named: Named): string =>
  `az acr scope-map list ${inRegistry(named)} --query "[].{name:name, actions:actions}"`;

export const showRegistry = ({ registry, subscription }: Named): string =>
  `az acr show --name ${registry} --subscription ${subscription} --query "{created:creationDate, adminUser:adminUserEnabled, anonymousPull:anonymousPullEnabled, network:publicNetworkAccess}"`;

/** Who wrote to the registry in the last day. */
export const listActivity = ({ registry, subscription }: Named): string =>
  `az monitor activity-log list --subscription ${subscription} --offset 1d --query "[?contains(resourceId, '/registries/${registry}')].{time:eventTimestamp, who:caller, what:operationName.value, status:status.value}" --output table`;

export const showRequests = ({ registry, token }: Named): string =>
  `curl -H "Authorization: Bearer $token" "https://APP.azurewebsites.net/api/tokens/${registry}/${token}"`;
