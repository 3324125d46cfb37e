import { styleText } from 'node:util';

/** The endpoints as a table for people: part, endpoint, address. */
export function endpointTable(
  rows: ReadonlyArray<readonly [part: string, name: string, address: string]>,
): string {
  const partWidth = Math.max(...rows.map(([part]) => part.length));
  const nameWidth = Math.max(...rows.map(([, name]) => name.length));
  return rows
    .map(([part, name, address], index) => {
      const shownPart = rows[index - 1]?.[0] === part ? '' : part;
      return `  ${styleText('bold', shownPart.padEnd(partWidth))}  ${name.padEnd(nameWidth)}  ${address}\n`;
    })
    .join('');
}
