import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../identity/local-cloud.ts';
import { all, failureOf, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

const day = 24 * 3_600_000;
let vault: VaultUnderTest;
const operator = () => vault.client(identities.operator);
const remove = async (name: string) => {
  const poller = await operator().beginDeleteSecret(name, { intervalInMs: 1 });
  return poller.pollUntilDone();
};

describe('a deleted secret', () => {
  beforeEach(async () => {
    vault = await startVaultUnderTest({ vaults: [{ name: 'contoso', retentionDays: 10 }] });
  });
  afterEach(() => vault.close());

  it('is told with when it was deleted, when it will be purged, and where to recover it', async () => {
    const stored = await operator().setSecret('gone', 'value', {
      tags: { a: '1' },
      contentType: 'text/plain',
    });
    const deleted = await remove('gone');
    expect(deleted).toMatchObject({
      name: 'gone',
      value: undefined,
      recoveryId: `${vault.url}/deletedsecrets/gone`,
      properties: { version: stored.properties.version, tags: { a: '1' }, contentType: 'text/plain' },
    });
    const [deletedOn, purgeOn] = [deleted.deletedOn?.getTime(), deleted.scheduledPurgeDate?.getTime()];
    expect((purgeOn ?? 0) - (deletedOn ?? 0)).toBe(10 * day);
    expect(await operator().getDeletedSecret('gone')).toEqual(deleted);
  });

  it('cannot be read, updated, deleted again or overwritten', async () => {
    const { properties } = await operator().setSecret('gone', 'value');
    await remove('gone');
    const notFound = { statusCode: 404, code: 'SecretNotFound' };
    expect(await failureOf(operator().getSecret('gone'))).toMatchObject(notFound);
    expect(
      await failureOf(operator().updateSecretProperties('gone', properties.version ?? '')),
    ).toMatchObject(notFound);
    expect(await failureOf(operator().beginDeleteSecret('gone'))).toMatchObject(notFound);
    expect(await failureOf(operator().setSecret('gone', 'new'))).toEqual({
      statusCode: 409,
      code: 'Conflict',
      innerCode: 'ObjectIsDeletedButRecoverable',
      message:
        'Secret gone is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.',
    });
  });

  it('comes back with all its versions when it is recovered', async () => {
    await operator().setSecret('back', 'one');
    await operator().setSecret('back', 'two');
    await remove('back');
    const poller = await operator().beginRecoverDeletedSecret('back', { intervalInMs: 1 });
    expect((await poller.pollUntilDone()).name).toBe('back');
    expect((await operator().getSecret('back')).value).toBe('two');
    const versions = await all(operator().listPropertiesOfSecretVersions('back'));
    expect(versions).toHaveLength(2);
    expect(await failureOf(operator().getDeletedSecret('back'))).toMatchObject({ code: 'SecretNotFound' });
    await operator().setSecret('back', 'three');
  });

  it('is gone for ever when it is purged, and its name is free', async () => {
    await operator().setSecret('purged', 'value');
    await remove('purged');
    await operator().purgeDeletedSecret('purged');
    expect(await failureOf(operator().getDeletedSecret('purged'))).toMatchObject({ statusCode: 404 });
    await operator().setSecret('purged', 'new');
    const versions = await all(operator().listPropertiesOfSecretVersions('purged'));
    expect(versions).toHaveLength(1);
  });

  it('purges itself when its retention ends, and not before', async () => {
    await operator().setSecret('kept', 'value');
    await remove('kept');
    await vault.cloud.clock.advance(10 * day - 60_000);
    expect((await operator().getDeletedSecret('kept')).name).toBe('kept');
    await vault.cloud.clock.advance(60_000);
    expect(await failureOf(operator().getDeletedSecret('kept'))).toMatchObject({ code: 'SecretNotFound' });
    await operator().setSecret('kept', 'new');
  });

  it('that never was cannot be recovered, purged or read', async () => {
    expect(await failureOf(operator().beginRecoverDeletedSecret('never'))).toMatchObject({ statusCode: 404 });
    expect(await failureOf(operator().purgeDeletedSecret('never'))).toMatchObject({ statusCode: 404 });
    expect(await failureOf(operator().getDeletedSecret('never'))).toMatchObject({
      code: 'SecretNotFound',
      message: 'Deleted Secret not found: never',
    });
  });
});

describe('while a change settles', () => {
  beforeEach(async () => {
    vault = await startVaultUnderTest({ settleAfter: 'PT5M' });
  });
  afterEach(() => vault.close());
  const settle = () => vault.cloud.clock.advance(5 * 60_000);

  it('a deleted secret can neither be read nor found among the deleted, and its name is taken', async () => {
    await operator().setSecret('slow', 'value');
    const poller = await operator().beginDeleteSecret('slow', { intervalInMs: 1 });
    expect(poller.isDone()).toBe(false);
    expect(await failureOf(operator().getSecret('slow'))).toMatchObject({ statusCode: 404 });
    expect(await failureOf(operator().getDeletedSecret('slow'))).toMatchObject({ statusCode: 404 });
    expect(await failureOf(operator().setSecret('slow', 'new'))).toEqual({
      statusCode: 409,
      code: 'Conflict',
      innerCode: 'ObjectIsBeingDeleted',
      message: 'Secret slow is currently being deleted and cannot be re-created; retry later.',
    });
    const beingDeleted = { statusCode: 409, innerCode: 'ObjectIsBeingDeleted' };
    expect(await failureOf(operator().purgeDeletedSecret('slow'))).toMatchObject(beingDeleted);
    expect(await failureOf(operator().beginRecoverDeletedSecret('slow'))).toMatchObject(beingDeleted);
    await settle();
    expect((await poller.pollUntilDone()).name).toBe('slow');
  });

  it('a recovered secret cannot be read or written yet', async () => {
    await operator().setSecret('slow', 'value');
    await operator().beginDeleteSecret('slow', { intervalInMs: 1 });
    await settle();
    const poller = await operator().beginRecoverDeletedSecret('slow', { intervalInMs: 1 });
    expect(poller.isDone()).toBe(false);
    expect(await failureOf(operator().setSecret('slow', 'new'))).toMatchObject({
      statusCode: 409,
      innerCode: 'ObjectIsBeingRecovered',
    });
    await settle();
    expect((await poller.pollUntilDone()).name).toBe('slow');
    await operator().setSecret('slow', 'new');
  });

  it('a purged secret still takes its name', async () => {
    await operator().setSecret('slow', 'value');
    await operator().beginDeleteSecret('slow', { intervalInMs: 1 });
    await settle();
    await operator().purgeDeletedSecret('slow');
    expect(await failureOf(operator().setSecret('slow', 'new'))).toMatchObject({
      innerCode: 'ObjectIsBeingDeleted',
    });
    await settle();
    await operator().setSecret('slow', 'new');
  });
});
