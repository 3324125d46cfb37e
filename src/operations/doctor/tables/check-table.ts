import type { TableClient } from '@azure/data-tables';
import { type Caller, callOnce } from '../../../adapters/call.ts';
import { codesOf, statusOf } from '../../../adapters/error-fields.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, ok, type Subject } from '../diagnosis.ts';
import { failed, type Meanings } from '../failed.ts';

const caller = (clock: Clock): Caller => ({ service: 'records', clock, timeLimit: 15_000 });
const nobody = 'keyturn-doctor';

const meanings: Meanings = {
  accessDenied: {
    remedy:
      'Give the identity the role Storage Table Data Contributor on the storage account of the records, and look at the network rules of the account.',
  },
};

/** Whether a table can be read and written. A row that is not there is read and deleted. */
export function checkTable(table: TableClient, clock: Clock): Check {
  const subject: Subject = { kind: 'table', name: table.tableName };
  return {
    subject,
    async examine(signal) {
      try {
        const exists = await tableExists(table, clock, signal);
        await callOnce(caller(clock), 'writeTable', { signal }, (abortSignal) =>
          deleteNothing(table, abortSignal),
        );
        return [standing(subject, exists)];
      } catch (error) {
        return [failed(subject, 'cannot be read and written', error, meanings)];
      }
    },
  };
}

function standing(subject: Subject, exists: boolean): Diagnosis {
  return exists
    ? ok(subject, 'can be read and written')
    : ok(subject, 'is not there yet; Keyturn makes it when it first needs it');
}

/** Without making it, as all that Keyturn reads there would. @throws ServiceFailure */
export function tableExists(table: TableClient, clock: Clock, signal: AbortSignal): Promise<boolean> {
  return callOnce(caller(clock), 'readTable', { signal }, (abortSignal) => readNothing(table, abortSignal));
}

async function readNothing(table: TableClient, abortSignal: AbortSignal): Promise<boolean> {
  try {
    await table.getEntity(nobody, nobody, { abortSignal });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return !codesOf(error).includes('TableNotFound');
  }
  return true;
}

async function deleteNothing(table: TableClient, abortSignal: AbortSignal): Promise<void> {
  try {
    await table.deleteEntity(nobody, nobody, { abortSignal });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
