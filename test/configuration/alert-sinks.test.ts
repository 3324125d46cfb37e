import { describe, expect, it } from 'vitest';
import { alertSinks } from '../../src/configuration/alert-sinks.ts';
import { alertingSchema } from '../../src/configuration/alerting-document.ts';
import { ConfigurationError } from '../../src/configuration/read-configuration.ts';

const alerting = alertingSchema.parse({
  sinks: [{ name: 'onCall', allowedHosts: ['pager.example', 'localhost:4711'] }],
});
const setting = 'AlertSinks__onCall__url';
const secret = 'https://pager.example/hooks/SECRET';

describe('the settings of a sink', () => {
  it('are its address and its key', () => {
    const sinks = alertSinks(alerting, { [setting]: secret, AlertSinks__onCall__signingKey: 'KEY' });
    const sink = sinks.get('onCall');
    expect(sink?.url?.href).toBe(secret);
    expect(sink).toMatchObject({ name: 'onCall', format: 'generic', signingKey: 'KEY' });
  });

  it('may name a port where the port is allowed', () => {
    const sinks = alertSinks(alerting, { [setting]: 'https://localhost:4711/' });
    expect(sinks.get('onCall')?.url?.port).toBe('4711');
  });

  it.each([setting, 'AlertSinks__onCall__signingKey'])(
    'leave the sink without an address while Azure has not resolved the reference in %s',
    (unresolved) => {
      const reference = '@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/url)';
      const sinks = alertSinks(alerting, { [setting]: secret, [unresolved]: reference });
      expect(sinks.get('onCall')?.url).toBeUndefined();
    },
  );

  it.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['pager.example/hooks/SECRET', 'invalidUrl'],
    ['http://pager.example/hooks/SECRET', 'invalidUrl'],
    ['https://user:SECRET@pager.example/', 'invalidUrl'],
    ['https://evil.example/SECRET', 'hostNotAllowed'],
    ['https://pager.example:444/SECRET', 'hostNotAllowed'],
    ['https://pager.example.evil.example/SECRET', 'hostNotAllowed'],
  ])('keep the app from starting when the address is %s, without telling it', (url, violation) => {
    const read = () => alertSinks(alerting, { [setting]: url });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(`${setting}: ${violation}`);
    expect(read).not.toThrow('SECRET');
  });
});
