/**
 * Settings as the lines of an environment file, for `set -a; . FILE` in a shell and for `node --env-file=FILE`.
 * Values are single-quoted, since connection strings hold `;`.
 */
export function environmentFileText(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(([name, value]) => {
    if (value.includes("'"))
      throw new Error(`The value of ${name} holds a quote, which an environment file cannot`);
    return `${name}='${value}'\n`;
  });
  return lines.join('');
}
