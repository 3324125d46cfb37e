import type { Observation } from '../lifecycle/drift/observation.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';

/** @throws ServiceFailure from every method */
export interface TokenObservations {
  /** Adds to what is waiting to be looked at. The token's lifecycle has to be woken after it. */
  addObservation(token: TokenIdentity, observation: Observation): Promise<void>;
}
