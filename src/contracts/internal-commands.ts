/** The entrance under which Keyturn's own commands are kept; no configured entrance may have this name. */
export const internalEntrance = 'keyturn';

/** Types that are refused at every entrance, whether or not there are any. */
export function isInternalCommandType(type: string): boolean {
  return type.startsWith('keyturn.internal.');
}
