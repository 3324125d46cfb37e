import { setLogLevel } from '@azure/logger';

/**
 * The clients of Azure log warnings and errors, whatever `AZURE_LOG_LEVEL` says: below that they write addresses,
 * headers and, of some services, bodies.
 */
setLogLevel('warning');
