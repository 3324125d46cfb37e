/** Where leases and time-outs take the time from. Decisions about tokens use the orchestration's time instead. */
export interface Clock {
  now(): Date;
}
