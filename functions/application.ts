import './client-logs.ts';
import { systemClock } from '../src/adapters/system-clock.ts';
import { openApplication } from '../src/application/open-application.ts';

/** Opened when the app is loaded, so that a configuration that is not valid keeps it from starting. */
export const application = openApplication(process.env, systemClock);
