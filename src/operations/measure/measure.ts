import type { Slot } from '../../lifecycle/credential.ts';
import { minute, plus } from '../../lifecycle/instant-arithmetic.ts';
import { isLetIn, issueAccessToken } from './issued-access-token.ts';
import { readReplacement, steadyFrom } from './login-samples.ts';
import { type Bench, type Measured, sampleLogins } from './measurement.ts';

/**
 * Measures what a registry does to the passwords of a token, which is made for it and deleted in the end, whatever
 * happens. How often a password is regenerated is `repeats`.
 *
 * @throws ServiceFailure, UsageError
 */
export async function* measure(bench: Bench, repeats: number): AsyncGenerator<Measured> {
  const { registry, token, repository } = bench;
  const scopeMap = `${token}-map`;
  const actions = ['content/read', 'metadata/read'].map((action) => `repositories/${repository}/${action}`);
  try {
    await registry.createScopeMap(scopeMap, { description: 'made by npm run measure', actions });
    await registry.createToken(token, scopeMap);
    let password = yield* measureFirstPassword(bench);
    for (let repeat = 0; repeat < repeats; repeat += 1) password = yield* measureRegenerated(bench, password);
    yield* measureShortExpiry(bench);
    yield* measureDisabled(bench, password);
  } finally {
    await registry.deleteToken(token);
    await registry.deleteScopeMap(scopeMap);
  }
}

async function* measureFirstPassword(bench: Bench): AsyncGenerator<Measured, string> {
  const { value, since } = await generate(bench, 'password1');
  for (const [loginServer, samples] of await sampleLogins(bench, { new: value }, since))
    yield { what: 'firstPassword', loginServer, figures: { ...readReplacement(samples) } };
  return value;
}

async function* measureRegenerated(bench: Bench, old: string): AsyncGenerator<Measured, string> {
  const { value, since } = await generate(bench, 'password1');
  for (const [loginServer, samples] of await sampleLogins(bench, { new: value, old }, since))
    yield { what: 'regenerated', loginServer, figures: { ...readReplacement(samples) } };
  return value;
}

/** Whether a password ends when it should: how long after its expiry it was still accepted. */
async function* measureShortExpiry(bench: Bench): AsyncGenerator<Measured> {
  const { value, expiresAt } = await generate(bench, 'password2', bench.shortValidity);
  await bench.pause(Math.max(expiresAt - bench.clock.now().getTime() - bench.interval, 0));
  for (const [loginServer, samples] of await sampleLogins(bench, { old: value }, expiresAt)) {
    const refusedFrom = steadyFrom(samples, false);
    yield {
      what: 'shortExpiry',
      loginServer,
      figures: refusedFrom === undefined ? {} : { refusedFrom },
    };
  }
}

/** What disabling a token stops, and when: logins, and the access tokens that were issued before. */
async function* measureDisabled(bench: Bench, password: string): AsyncGenerator<Measured> {
  const { registry, token, repository, loginServers } = bench;
  const hosts = [...loginServers.keys()];
  const issued = await Promise.all(
    hosts.map(async (host) => ({ host, ...(await issueAccessToken(host, repository, token, password)) })),
  );
  const since = bench.clock.now().getTime();
  await registry.setTokenStatus(token, false);
  for (const [loginServer, samples] of await sampleLogins(bench, { old: password }, since)) {
    const refusedFrom = steadyFrom(samples, false);
    yield { what: 'disabled', loginServer, figures: refusedFrom === undefined ? {} : { refusedFrom } };
  }
  for (const { host, value, validFor } of issued) {
    const refusedFrom = await untilRefused(bench, host, value, since);
    const figures = { validFor: validFor * 1_000, ...(refusedFrom === undefined ? {} : { refusedFrom }) };
    yield { what: 'accessToken', loginServer: host, figures };
  }
}

async function untilRefused(
  bench: Bench,
  host: string,
  token: string,
  since: number,
): Promise<number | undefined> {
  const elapsed = () => bench.clock.now().getTime() - since;
  while (elapsed() < bench.patience) {
    if (!(await isLetIn(host, bench.repository, token))) return elapsed();
    await bench.pause(5 * bench.interval);
  }
  return undefined;
}

async function generate({ registry, token, clock }: Bench, slot: Slot, validity = 24 * 60 * minute) {
  const expiresAt = plus(clock.now().toISOString(), validity);
  const { value } = await registry.generatePassword(token, slot, expiresAt);
  return { value, since: clock.now().getTime(), expiresAt: Date.parse(expiresAt) };
}
