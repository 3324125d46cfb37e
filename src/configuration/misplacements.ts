/** What can be wrong between the configuration and the place where the app runs. */
export const misplacements = {
  appServiceAuthenticationOff:
    'is `appService`, but App Service Authentication is not on for this app (`WEBSITE_AUTH_ENABLED` is not `true`): anybody could claim to be anybody',
  functionKeyOnAzure:
    'is `functionKey`, which is for the local cloud only: on Azure use `appService`, which knows who asks',
  hostNotAllowed: 'names a host that is not in the `allowedHosts` of the sink',
} as const;

export type Misplacement = keyof typeof misplacements;
