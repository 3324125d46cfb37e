import type { HttpConfiguration } from './http-document.ts';
import type { Misplacement } from './misplacements.ts';
import { ConfigurationError } from './read-configuration.ts';

/**
 * Whether those who ask over HTTP are really known. With App Service Authentication on, the platform removes the
 * principal's headers from what comes from outside and sets its own; without it, anybody can set them.
 *
 * Sources: App Service's documentation of user identities in access tokens; `WEBSITE_AUTH_ENABLED`, by which the
 * Functions host itself knows that the authentication is on; `WEBSITE_SITE_NAME`, which only Azure sets.
 *
 * @throws ConfigurationError
 */
export function checkHttpAuthentication(
  { authentication }: HttpConfiguration,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const isAuthenticationOn = environment.WEBSITE_AUTH_ENABLED?.trim().toLowerCase() === 'true';
  if (authentication === 'appService' && !isAuthenticationOn) throw misplaced('appServiceAuthenticationOff');
  if (authentication === 'functionKey' && environment.WEBSITE_SITE_NAME)
    throw misplaced('functionKeyOnAzure');
}

function misplaced(violation: Misplacement): ConfigurationError {
  return new ConfigurationError([{ path: 'http.authentication', violation }]);
}
