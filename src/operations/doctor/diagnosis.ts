/** `warn`: it works, and somebody should look. `red`: Keyturn will not work so. */
export type Verdict = 'ok' | 'warn' | 'red';

/** What a line is about: `vault keyturn`. */
export interface Subject {
  readonly kind: string;
  /** As the configuration calls it. */
  readonly name: string;
}

/** One line of the doctor. It is made of fixed words, and of names and addresses of the configuration. */
export interface Diagnosis extends Subject {
  readonly verdict: Verdict;
  readonly says: string;
  /** What to do; with every verdict but `ok`. */
  readonly remedy?: string;
}

export function ok({ kind, name }: Subject, says: string): Diagnosis {
  return { verdict: 'ok', kind, name, says };
}

export function warn({ kind, name }: Subject, says: string, remedy: string): Diagnosis {
  return { verdict: 'warn', kind, name, says, remedy };
}

export function red({ kind, name }: Subject, says: string, remedy: string): Diagnosis {
  return { verdict: 'red', kind, name, says, remedy };
}
