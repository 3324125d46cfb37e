import { randomInt } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * A new password in the form that Azure gives them since 2023: 52 characters, with the signature `+ACR` at index 42, by which
 * secret scanners know it.
 */
export function newPasswordValue(): string {
  return `${randomText(42)}+ACR${randomText(6)}`;
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
