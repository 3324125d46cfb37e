import { ServiceFailure } from '../ports/service-failure.ts';

/** A property of a table row holds 64 KiB of UTF-16, and a row 1 MiB. Source: limits of Azure Table storage. */
const mostCharacters = 32_000;
const mostPieces = 15;
const property = /^text(\d+)$/;

/**
 * A text in properties that each fit into a table row; a pair of surrogates is never torn apart.
 *
 * @throws ServiceFailure `tooLarge` if it does not fit into one row
 */
export function splitText(text: string): Record<string, string> {
  if (text.length > mostPieces * (mostCharacters - 1))
    throw new ServiceFailure({ service: 'records', operation: 'write', code: 'tooLarge' });
  const pieces: Record<string, string> = {};
  let start = 0;
  do {
    const end = Math.min(start + mostCharacters, text.length);
    const tearsPair = end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
    const cut = tearsPair ? end - 1 : end;
    pieces[`text${Object.keys(pieces).length}`] = text.slice(start, cut);
    start = cut;
  } while (start < text.length);
  return pieces;
}

/** The text that a row's properties hold; empty if they hold none. */
export function joinText(row: Readonly<Record<string, unknown>>): string {
  return Object.keys(row)
    .flatMap((name) => property.exec(name)?.[1] ?? [])
    .sort((one, other) => Number(one) - Number(other))
    .map((index) => String(row[`text${index}`]))
    .join('');
}
