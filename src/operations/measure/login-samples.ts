/** One try to log in. */
export interface LoginSample {
  /** Milliseconds since the change that is measured. */
  readonly after: number;
  readonly password: 'new' | 'old';
  /** Tries that told nothing are left out. */
  readonly accepted: boolean;
}

/** What the samples of one login server say of a replaced password. Milliseconds; missing: it was not seen. */
export interface Replacement {
  readonly newFirstAccepted?: number;
  /** From then on the new one was never refused again. */
  readonly newAlwaysFrom?: number;
  readonly oldFirstRefused?: number;
  /** From then on the old one was never accepted again. */
  readonly oldNeverFrom?: number;
  /** Between two tries one after the other, neither worked: from the first such refusal to the last. */
  readonly neitherFor: number;
}

/** Reads the samples of one login server, oldest first. */
export function readReplacement(samples: readonly LoginSample[]): Replacement {
  const news = samples.filter(({ password }) => password === 'new');
  const olds = samples.filter(({ password }) => password === 'old');
  return present({
    newFirstAccepted: news.find(({ accepted }) => accepted)?.after,
    newAlwaysFrom: steadyFrom(news, true),
    oldFirstRefused: olds.find(({ accepted }) => !accepted)?.after,
    oldNeverFrom: steadyFrom(olds, false),
    neitherFor: neitherFor(samples),
  });
}

/** When the first of the samples was taken after which all were the same; nothing if the last one is not. */
export function steadyFrom(
  samples: readonly Pick<LoginSample, 'after' | 'accepted'>[],
  accepted: boolean,
): number | undefined {
  const lastOther = samples.findLastIndex((sample) => sample.accepted !== accepted);
  return samples[lastOther + 1]?.after;
}

function neitherFor(samples: readonly LoginSample[]): number {
  const latest = { new: undefined as boolean | undefined, old: undefined as boolean | undefined };
  const bad: number[] = [];
  for (const { after, password, accepted } of samples) {
    latest[password] = accepted;
    if (latest.new === false && latest.old === false) bad.push(after);
  }
  return (bad.at(-1) ?? 0) - (bad[0] ?? 0);
}

function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]: NonNullable<Fields[Name]>;
  };
}
