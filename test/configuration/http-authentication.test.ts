import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { openApplication } from '../../src/application/open-application.ts';
import { checkHttpAuthentication } from '../../src/configuration/http-authentication.ts';
import type { HttpConfiguration } from '../../src/configuration/http-document.ts';

const appService: HttpConfiguration = {
  authentication: 'appService',
  tenantId: '9c1d2e3f-0000-4000-8000-00000000a001',
  readers: [{ role: 'Tokens.Read', entrances: 'all' }],
};
const functionKey: HttpConfiguration = { authentication: 'functionKey', entrances: 'all' };
const onAzure = { WEBSITE_SITE_NAME: 'keyturn' };

describe('the HTTP interface', () => {
  it.each([undefined, '', 'False', 'yes', '1'])(
    'refuses to start when the platform does not say that it authenticates, but %s',
    (said) => {
      expect(() => checkHttpAuthentication(appService, { ...onAzure, WEBSITE_AUTH_ENABLED: said })).toThrow(
        'http.authentication: appServiceAuthenticationOff: is `appService`, but App Service Authentication is not on',
      );
    },
  );

  it.each(['True', 'true', 'TRUE'])('starts when the platform says that it does: %s', (said) => {
    expect(() =>
      checkHttpAuthentication(appService, { ...onAzure, WEBSITE_AUTH_ENABLED: said }),
    ).not.toThrow();
  });

  it('takes no function keys on Azure, with or without authentication', () => {
    expect(() => checkHttpAuthentication(functionKey, onAzure)).toThrow('functionKeyOnAzure');
    expect(() => checkHttpAuthentication(functionKey, { ...onAzure, WEBSITE_AUTH_ENABLED: 'True' })).toThrow(
      'functionKeyOnAzure',
    );
    expect(() => checkHttpAuthentication(functionKey, {})).not.toThrow();
  });

  it('needs nothing when it is off', () => {
    expect(() => checkHttpAuthentication({ authentication: 'off' }, onAzure)).not.toThrow();
  });

  it('keeps the whole app from starting when nobody authenticates', () => {
    const http = appService;
    const KEYTURN_CONFIGURATION = JSON.stringify({ registries: {}, vaults: {}, entrances: {}, http });
    const settings = {
      KEYTURN_CONFIGURATION,
      ServiceBus__fullyQualifiedNamespace: 'contoso.servicebus.windows.net',
      Records__accountName: 'contosorecords',
    };
    expect(() => openApplication(settings, systemClock)).toThrow('appServiceAuthenticationOff');
    expect(() => openApplication({ ...settings, WEBSITE_AUTH_ENABLED: 'True' }, systemClock)).not.toThrow();
  });
});
