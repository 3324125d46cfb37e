import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideCredentials } from '../../../../infra/local/functions-host/durable/hide-credentials.ts';

describe('the credential scrubber', () => {
  it.each([
    ['nothing to hide', 'nothing to hide'],
    ['AccountKey=abc;Endpoint=x', '[Hidden Credential]'],
    ['"Token=abc" and more', '"[Hidden Credential]" and more'],
    ['<a>PWD=x</a>', '<a>[Hidden Credential]</a>'],
    ['see https://h/x?code=abc', 'see https://h/x[Hidden Credential]'],
    ['mykey=1', 'my[Hidden Credential]'],
    ['PublicKeyToken=31bf, Token=abc', 'PublicKeyToken=31bf, [Hidden Credential]'],
    ['ftp://user:pass word@host/', 'ftp://user:pass word@host/'],
    ['https://user:password@host.example/x', '[Hidden Credential]'],
  ])('makes of %s %s', (text, hidden) => {
    expect(hideCredentials(text)).toBe(hidden);
  });

  it('never lets through what stands between a credential’s name and the next quote', () => {
    const name = fc.constantFrom('Token=', 'password=', '&sig=', 'AccountKey=', 'SharedAccessKey=', '?code=');
    const secret = fc.stringMatching(/^[A-Za-z0-9+/~._-]{12,40}$/);
    const words = fc.stringMatching(/^[a-z ]{0,20}$/);
    fc.assert(
      fc.property(words, name, secret, words, (before, start, hidden, after) => {
        expect(hideCredentials(`${before}${start}${hidden}" ${after}`)).toBe(
          `${before}[Hidden Credential]" ${after}`,
        );
      }),
    );
  });

  it('changes nothing in a text without an equals sign or a link', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^=:]*$/), (text) => {
        expect(hideCredentials(text)).toBe(text);
      }),
    );
  });
});
