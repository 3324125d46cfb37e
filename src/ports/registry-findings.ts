import type { KeyturnEvent } from '../contracts/events.ts';
import type { RegistryFinding } from '../contracts/findings.ts';
import type { OpenFinding } from './findings.ts';

/** Which finding: of a registry as a whole, or of a token in it that nobody manages. */
export interface RegistryFindingKey {
  /** The registry's name in the configuration. */
  readonly registry: string;
  readonly finding: RegistryFinding;
  readonly token?: string | undefined;
}

export interface RegistryFindingRow {
  readonly open: OpenFinding;
  /** It is over, and only kept until that was told. */
  readonly gone: boolean;
  /** What is still to be told of it. */
  readonly untold?: KeyturnEvent;
}

/** A row as it was read; what is written next is conditional on it. */
export interface StoredRegistryFinding extends RegistryFindingRow {
  readonly etag: string;
}

/**
 * What is wrong with registries, each with the event that still has to be told of it, so that none is missed whatever
 * stops in between. `Findings` lists them with those of tokens.
 *
 * @throws ServiceFailure from every method
 */
export interface RegistryFindings {
  readFinding(key: RegistryFindingKey): Promise<StoredRegistryFinding | undefined>;
  /** Undefined: it is no longer as it was read (`earlier`; undefined: there was none). */
  writeFinding(
    row: RegistryFindingRow,
    earlier: StoredRegistryFinding | undefined,
  ): Promise<StoredRegistryFinding | undefined>;
  /** Unless it is no longer as it was read. */
  removeFinding(stored: StoredRegistryFinding): Promise<void>;
  /** All of a registry, or those with something to be told. */
  listKept(registry: string, which: 'all' | 'untold'): AsyncIterable<StoredRegistryFinding>;
}
