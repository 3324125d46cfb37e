import type { Configuration } from '../configuration/configuration.ts';
import { type TokenFinding, tokenFindings } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { sameName } from '../contracts/names.ts';
import type { Believed } from '../lifecycle/drift/believed.ts';
import type { NamedToken } from '../ports/token-registry.ts';
import type { KnownToken, KnownTokens } from './known-tokens.ts';
import type { ListedScopeMaps } from './listed-scope-maps.ts';
import type { ListedSecrets } from './listed-secrets.ts';
import { deviates, type Sight, toldByToken } from './notice-deviation.ts';

/** A token that shows something else than what is known of it. */
export interface Deviating {
  readonly token: string;
  readonly sight: Sight;
}

/** A token that the inventory does not know. */
export interface UnknownToken {
  readonly token: string;
  readonly scopeMap: string;
}

/** What the tokens of a registry are held against. Without scope maps and secrets, only what the tokens' list tells is looked at. */
export interface Surroundings {
  readonly configuration: Pick<Configuration, 'entrances'>;
  readonly scopeMaps?: ListedScopeMaps | undefined;
  readonly secrets?: ListedSecrets | undefined;
  /** When others are known to have made passwords. */
  readonly madeByOthers: readonly Instant[];
  readonly now: Instant;
}

export interface Deviations {
  /** In the registry. */
  readonly tokens: number;
  readonly deviating: readonly Deviating[];
  /** Of managed tokens, how many are not in the registry. */
  readonly missing: number;
  readonly unknown: readonly UnknownToken[];
}

/** Goes through a registry's tokens as they are read, and keeps only those that are not as they should be. */
export async function findDeviations(
  known: KnownTokens,
  tokens: AsyncIterable<NamedToken>,
  surroundings: Surroundings,
  onToken: () => Promise<void>,
): Promise<Deviations> {
  const deviating: Deviating[] = [];
  const unknown: UnknownToken[] = [];
  let count = 0;
  const hold = (expected: KnownToken, token: NamedToken | null) => {
    if (!expected.believed) return;
    const sight = sightOf(expected.token, expected.believed, token, surroundings);
    if (deviates(expected.believed, expected.findings, sight, surroundings.now))
      deviating.push({ token: expected.token, sight });
  };
  for await (const token of tokens) {
    count += 1;
    const expected = known.take(token.name);
    if (expected) hold(expected, token);
    else unknown.push({ token: token.name, scopeMap: token.scopeMap });
    await onToken();
  }
  let missing = 0;
  for (const expected of known.rest()) {
    if (expected.believed) missing += 1;
    hold(expected, null);
  }
  return { tokens: count, deviating, missing, unknown };
}

const all = Object.keys(tokenFindings) as TokenFinding[];
const toldBySecret: ReadonlySet<TokenFinding> = new Set(['secretMissing', 'secretDisabled', 'secretForeign']);
const toldWithoutSecret: ReadonlySet<TokenFinding> = new Set(
  all.filter((finding) => !toldBySecret.has(finding)),
);

function sightOf(
  name: string,
  believed: Believed,
  token: NamedToken | null,
  { configuration, scopeMaps, secrets, madeByOthers }: Surroundings,
): Sight {
  if (!scopeMaps) return { found: { token, madeByOthers }, judged: toldByToken };
  const secret = secrets?.find(name, believed.secret);
  const judged = secret ? undefined : toldWithoutSecret;
  if (!token) return { found: { token }, judged };
  const own = believed.grants !== undefined && sameName(believed.scopeMap, token.scopeMap);
  const found = {
    token,
    actions: scopeMaps.actionsOf(token.scopeMap),
    outOfPolicy: scopeMaps.outOfPolicy(
      { token: name, scopeMap: token.scopeMap, own },
      believed.entrance,
      configuration,
    ),
    madeByOthers,
    secret,
  };
  return { found, judged };
}
