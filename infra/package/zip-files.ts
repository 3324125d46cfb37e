import { zipSync } from 'fflate';

/** Zip files know local time without its zone, and nothing before 1980. */
const sameTime = new Date(1980, 0, 1);

/** A zip of files by name. The same files make the same bytes, wherever and whenever. */
export function zipFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  return zipSync(Object.fromEntries(sorted), { level: 9, mtime: sameTime });
}
