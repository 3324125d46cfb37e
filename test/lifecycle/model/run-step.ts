import { scopeMapActions } from '../../../src/contracts/access.ts';
import { ownScopeMapDescription, sameName } from '../../../src/contracts/names.ts';
import { otherSlot, slots } from '../../../src/lifecycle/credential.ts';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import { readTags, tagsOf } from '../../../src/lifecycle/secret-tags.ts';
import {
  chooseSlot,
  isAlive,
  publications,
  type SlotChoice,
  slotKnowledge,
} from '../../../src/lifecycle/slots.ts';
import type { TokenIdentity } from '../../../src/lifecycle/state.ts';
import type { StepFailureCode } from '../../../src/lifecycle/step-failures.ts';
import type { Step, StepFailure, StepKind, StepResult } from '../../../src/lifecycle/steps.ts';
import type { World } from './world.ts';

/** What goes wrong in a step: nothing, before or after its effect, or in its middle (for those that have one). */
export type Fate =
  | { readonly kind: 'works' | 'runsTwice' }
  | {
      readonly kind: 'failsBefore' | 'failsMidway' | 'failsAfter';
      readonly code: StepFailureCode;
      readonly wait: number;
    };

const works: Fate = { kind: 'works' };

/** Does to the world what the activity `step` does to Azure. */
export function runStep(world: World, identity: TokenIdentity, step: Step, fate: Fate): StepResult {
  const { now } = world;
  const fails = (): StepFailure => {
    if (!('code' in fate)) throw new Error('This step does not fail.');
    const retryAt = fate.wait > 0 ? { retryAt: plus(world.instant(), fate.wait) } : {};
    return { kind: step.kind, ok: false, code: fate.code, ...retryAt };
  };
  world.now = Math.max(now, world.now);
  if (fate.kind === 'failsBefore') return fails();
  if (fate.kind === 'runsTwice') runStep(world, identity, step, works);
  const result = new StepRun(world, identity, fate.kind === 'failsMidway').run(step);
  if (result === 'midway') return fails();
  return fate.kind === 'failsAfter' ? fails() : result;
}

class StepRun {
  readonly #world: World;
  readonly #identity: TokenIdentity;
  readonly #failsMidway: boolean;

  constructor(world: World, identity: TokenIdentity, failsMidway: boolean) {
    this.#world = world;
    this.#identity = identity;
    this.#failsMidway = failsMidway;
  }

  run(step: Step): StepResult | 'midway' {
    const world = this.#world;
    switch (step.kind) {
      case 'recoverSecret': {
        const recovered = world.secret.standing === 'softDeleted';
        if (recovered) this.#vault(() => (world.secret.standing = 'present'));
        return { kind: step.kind, ok: true, recovered };
      }
      case 'ensureScopeMap':
        return this.#ensureScopeMap(step);
      case 'createToken': {
        const created = !world.token;
        if (created) {
          const { scopeMap } = step.input;
          this.#registry(() => (world.token = { enabled: true, scopeMap, passwords: new Map() }));
        }
        return { kind: step.kind, ok: true, created };
      }
      case 'bindScopeMap': {
        if (!world.token) return this.#bad(step.kind, 'tokenMissing');
        const { token } = world;
        const changed = !sameName(token.scopeMap, step.input.scopeMap);
        if (changed) this.#registry(() => (token.scopeMap = step.input.scopeMap));
        return { kind: step.kind, ok: true, changed };
      }
      case 'setTokenStatus':
        return this.#setTokenStatus(step);
      case 'setSecretVersion': {
        const newest = world.secret.standing === 'present' ? world.newest() : undefined;
        const changed = newest !== undefined && newest.enabled !== step.input.enabled;
        if (changed) this.#vault(() => (newest.enabled = step.input.enabled));
        return { kind: step.kind, ok: true, changed };
      }
      case 'issueCredential':
        return this.#issueCredential(step);
      case 'retireSlot':
        return this.#retireSlot(step);
      case 'revoke':
        return this.#revoke(step);
      case 'deleteToken': {
        const deleted = world.token !== undefined;
        if (deleted) this.#registry(() => (world.token = undefined));
        return { kind: step.kind, ok: true, deleted };
      }
      case 'deleteScopeMap': {
        const deleted = world.ownMap !== undefined;
        if (deleted) this.#registry(() => (world.ownMap = undefined));
        return { kind: step.kind, ok: true, deleted };
      }
      case 'deleteSecret': {
        const deleted = world.secret.standing === 'present';
        if (deleted) this.#vault(() => (world.secret.standing = 'softDeleted'));
        return { kind: step.kind, ok: true, deleted };
      }
    }
  }

  #ensureScopeMap({ kind, input }: Step<'ensureScopeMap'>): StepResult {
    const world = this.#world;
    const actions = scopeMapActions(input.repositories);
    const changed = world.ownMap?.actions.join() !== actions.join();
    const description = ownScopeMapDescription(input.entrance, this.#identity.token);
    if (changed) this.#registry(() => (world.ownMap = { description, actions }));
    return { kind, ok: true, changed };
  }

  #setTokenStatus({ kind, input }: Step<'setTokenStatus'>): StepResult {
    const { token } = this.#world;
    if (!token) return input.enabled ? this.#bad(kind, 'tokenMissing') : { kind, ok: true, changed: false };
    const changed = token.enabled !== input.enabled;
    if (changed) this.#registry(() => (token.enabled = input.enabled));
    return { kind, ok: true, changed };
  }

  /** The seven lines of the design; the login is taken for granted. */
  #issueCredential({ kind, input }: Step<'issueCredential'>): StepResult | 'midway' {
    const world = this.#world;
    const { incarnation, generation, managed, believed, mayCutShort, expiresAt } = input;
    const token = world.registryToken();
    if (!token) return this.#bad(kind, 'tokenMissing');
    const now = world.instant();
    const versions = world.secret.standing === 'present' ? world.vaultSecret(managed.delivery).versions : [];
    const found = publications(versions, this.#identity);
    const newest = found[0];
    const knowledge = slotKnowledge(found, believed);
    if (newest?.tags.incarnation === incarnation && newest.tags.generation === generation) {
      const credential = knowledge.credentials[newest.tags.slot];
      if (!credential || !isAlive(credential, token, now)) return this.#bad(kind, 'publicationDead');
      const { slot, slotCreatedAt, publishedAt, secretVersion, verified } = credential;
      return {
        kind,
        ok: true,
        slot,
        slotCreatedAt,
        publishedAt,
        expiresAt: credential.expiresAt,
        secretVersion,
        verified,
      };
    }
    const { overlap } = managed.schedule;
    const choice: SlotChoice = input.slot
      ? { ok: true, slot: input.slot }
      : chooseSlot(token, knowledge, { overlap, mayCutShort, now });
    if (!choice.ok) return { kind, ok: false, code: 'noSlotFree', retryAt: choice.freeAt };
    const { slot, cutShort } = choice;
    if (!token.enabled) return this.#bad(kind, 'neverAccepted');
    this.#write();
    const password = world.generate(slot, expiresAt);
    if (this.#failsMidway) return 'midway';
    const credential = { incarnation, generation, slot, slotCreatedAt: password.createdAt };
    const version = world.publish(password.value, expiresAt, tagsOf(this.#identity, managed, credential));
    return {
      kind,
      ok: true,
      slot,
      slotCreatedAt: password.createdAt,
      publishedAt: version.createdAt,
      expiresAt,
      secretVersion: version.version,
      verified: true,
      ...(cutShort ? { cutShort } : {}),
    };
  }

  #retireSlot({ kind, input }: Step<'retireSlot'>): StepResult {
    const world = this.#world;
    const { slot, slotCreatedAt } = input;
    const password = world.token?.passwords.get(slot);
    if (password?.createdAt !== slotCreatedAt) return { kind, ok: true, slot, regenerated: false };
    const tags = world.newest()?.tags;
    const published = tags && readTags(tags, this.#identity);
    if (published?.slot === slot && published.slotCreatedAt === slotCreatedAt) {
      return this.#bad(kind, 'slotIsPublished');
    }
    this.#write();
    world.generate(slot, plus(world.instant(), 1000));
    return { kind, ok: true, slot, regenerated: true };
  }

  #revoke({ kind, input }: Step<'revoke'>): StepResult {
    const world = this.#world;
    const at = world.tick();
    const { token } = world;
    const done = (part: (typeof input.missing)[number]) => input.missing.includes(part) && !this.#failsMidway;
    if (input.missing.includes('disabled') && token) {
      this.#write();
      token.enabled = false;
    }
    if (done('secretVersionOff')) {
      const newest = world.newest();
      if (newest) newest.enabled = false;
    }
    if (done('passwordsRegenerated') && token) {
      this.#write();
      for (const slot of slots) world.generate(otherSlot(slot), undefined);
    }
    return {
      kind,
      ok: true,
      ...(input.missing.includes('disabled') ? { disabledAt: at } : {}),
      ...(done('secretVersionOff') ? { secretOffAt: at } : {}),
      ...(done('passwordsRegenerated') ? { regeneratedAt: at } : {}),
      ...(this.#failsMidway ? { code: 'unavailable' } : {}),
    };
  }

  #registry(effect: () => void): void {
    this.#write();
    effect();
  }

  #vault(effect: () => void): void {
    this.#world.tick();
    this.#world.writes.vault += 1;
    effect();
  }

  #write(): void {
    this.#world.tick();
    this.#world.writes.registry += 1;
  }

  #bad(kind: StepKind, code: StepFailureCode): StepFailure {
    return { kind, ok: false, code };
  }
}
