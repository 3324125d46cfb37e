// The forms in which a secret may be written down: in JSON, URLs, HTML, base64 and so on.

/** A form, and how a piece of text is written in it. A piece's form is part of the whole text's form. */
export interface Encoding {
  readonly name: string;
  readonly encode: (text: string) => Buffer;
}

const written = (name: string, write: (text: string) => string): Encoding => ({
  name,
  encode: (text) => Buffer.from(write(text)),
});

const jsonInner = (text: string) => JSON.stringify(text).slice(1, -1);
const isPlain = /^[A-Za-z0-9]$/;
const escapeOthers = (writeOther: (character: string) => string) => (text: string) =>
  [...text].map((character) => (isPlain.test(character) ? character : writeOther(character))).join('');

const inJsonEscapes = (text: string, digits: (code: string) => string) =>
  escapeOthers((character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${digits(character.charCodeAt(index).toString(16).padStart(4, '0'))}`)
      .join(''),
  )(text);
const percent = (digits: (hex: string) => string) =>
  escapeOthers((character) =>
    [...Buffer.from(character)].map((byte) => `%${digits(byte.toString(16).padStart(2, '0'))}`).join(''),
  );
const upper = (text: string) => text.toUpperCase();
const lower = (text: string) => text.toLowerCase();

const htmlNames: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const html = (text: string) => text.replace(/[&<>"']/g, (character) => htmlNames[character] ?? character);
const codePoint = (character: string) => character.codePointAt(0) ?? 0;

const inText: readonly Encoding[] = [
  written('raw', (text) => text),
  written('JSON', jsonInner),
  written('JSON with \\/', (text) => jsonInner(text).replaceAll('/', '\\/')),
  written('JSON in JSON', (text) => jsonInner(jsonInner(text))),
  written('JSON in JSON in JSON', (text) => jsonInner(jsonInner(jsonInner(text)))),
  written('JSON with \\u00ff', (text) => inJsonEscapes(text, lower)),
  written('JSON with \\u00FF', (text) => inJsonEscapes(text, upper)),
  written('JSON with \\u00FF in JSON', (text) => jsonInner(inJsonEscapes(text, upper))),
  written('URL', encodeURIComponent),
  written('URL path', (text) => encodeURI(text)),
  written('form', (text) => encodeURIComponent(text).replaceAll('%20', '+')),
  written('URL with %ff', percent(lower)),
  written('URL with %FF', percent(upper)),
  written('URL in URL', (text) => encodeURIComponent(encodeURIComponent(text))),
  written('HTML', html),
  written(
    'HTML with &#255;',
    escapeOthers((character) => `&#${codePoint(character)};`),
  ),
  written(
    'HTML with &#xff;',
    escapeOthers((character) => `&#x${codePoint(character).toString(16)};`),
  ),
  written(
    'HTML with &#xFF;',
    escapeOthers((character) => `&#x${codePoint(character).toString(16).toUpperCase()};`),
  ),
];

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

const inBytes: readonly Encoding[] = [
  written('hex, lower case', (text) => Buffer.from(text).toString('hex')),
  written('hex, upper case', (text) => upper(Buffer.from(text).toString('hex'))),
  { name: 'UTF-16, little end first', encode: utf16 },
  { name: 'UTF-16, big end first', encode: (text) => utf16(text).swap16() },
];

/** Of bytes that stand anywhere in longer ones: the characters that are the same whatever stands beside them. */
function base64Core(bytes: Buffer, alignment: 0 | 1 | 2): string {
  const characters = Buffer.concat([Buffer.alloc(alignment), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const first = Math.ceil((alignment * 8) / 6);
  const last = Math.floor(((alignment + bytes.length) * 8) / 6);
  return characters.slice(first, last);
}

const inBase64: readonly Encoding[] = ([0, 1, 2] as const).flatMap((alignment) => [
  written(`base64, alignment ${alignment}`, (text) => base64Core(Buffer.from(text), alignment)),
  written(`base64url, alignment ${alignment}`, (text) =>
    base64Core(Buffer.from(text), alignment).replaceAll('+', '-').replaceAll('/', '_'),
  ),
  written(`base64 of UTF-16, alignment ${alignment}`, (text) => base64Core(utf16(text), alignment)),
]);

/** Every form that is searched for; what is packed in compressed or nested ones is unpacked first. */
export const encodings: readonly Encoding[] = [...inText, ...inBytes, ...inBase64];
