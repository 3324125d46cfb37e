import { z } from 'zod';

/** Text in which `*` stands for any text, also none: `web-*`, `*`. */
export const textPatternSchema = z.string().min(1).max(256);

/** Whether a text fits one of the patterns, each letter in its case. */
export function fitsAny(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(text, pattern));
}

/** As `fitsAny`, for names of Azure resources, which are case-insensitive. */
export function nameFitsAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(name.toLowerCase(), pattern.toLowerCase()));
}

/** Takes each part as early as it can be had, so that no pattern is slow. */
function fits(text: string, pattern: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  let position = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return text.length - tail.length >= position && text.endsWith(tail);
}
