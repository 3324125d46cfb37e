/** Characters that are no text: controls, lone surrogates, and those that turn or hide what stands around them. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+/gu;

const longest = 200;

/** Free text of others as one line of at most so many characters, so that no alert can be flooded or dressed up by it. */
export function plainText(text: string, most = longest): string {
  const line = text.replace(invisible, ' ').trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}

/** The same of something that may be missing, or empty after all. */
export function plainOrNothing(text: string | undefined, most?: number): string | undefined {
  return (text === undefined ? undefined : plainText(text, most)) || undefined;
}
