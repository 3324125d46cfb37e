const replacement = '[Hidden Credential]';

/** From one of these up to the next quote or tag, or the end, is taken for a credential, whatever it is. */
const credentialStarts = [
  'Token=',
  'DefaultEndpointsProtocol=http',
  'AccountKey=',
  'Data Source=',
  'Server=',
  'Password=',
  'pwd=',
  '&amp;sig=',
  '&sig=',
  '?sig=',
  'SharedAccessKey=',
  '&amp;code=',
  '&code=',
  '?code=',
  '/code=',
  'key=',
];

const allowed = /PublicKeyToken=/g;
const userAndPasswordInUrl =
  /[a-z][a-z0-9]{2,4}:\/\/[^%:\s"'/][^:\s"'/$]+[^:\s"'/$%]:[^%\s"'/][^@\s"'/]{0,100}[^%\s"'/]@[$a-z0-9:._%?=/-]+/gi;

const credential = new RegExp(`(?:${credentialStarts.map(RegExp.escape).join('|')})[^<"']*`, 'gi');

/**
 * Blanks out what looks like a credential in the text of an error, as the Functions host does to what a worker reports. It is
 * coarse: everything from `Token=` to the next quote goes.
 */
export function hideCredentials(text: string): string {
  const withoutUrls = text.replace(userAndPasswordInUrl, replacement);
  if (!withoutUrls.includes('=')) return withoutUrls;
  const kept = withoutUrls.replace(allowed, 'PublicKeyToken\u0000');
  return kept.replace(credential, replacement).replaceAll('PublicKeyToken\u0000', 'PublicKeyToken=');
}
