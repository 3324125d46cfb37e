import { AzureLogger, setLogLevel } from '@azure/logger';

/**
 * The clients of Azure log warnings and errors, whatever `AZURE_LOG_LEVEL` says: below that they write addresses,
 * headers and, of some services, bodies.
 */
setLogLevel('warning');

/**
 * With each table and each transaction the client of the tables warns of its own use of another library: nobody here can
 * do anything about it.
 */
const ofNoUse = 'The baseUri option for SDK Clients has been deprecated';
const write = AzureLogger.log;
AzureLogger.log = (...line) => {
  if (!line.some((part) => typeof part === 'string' && part.includes(ofNoUse))) write(...line);
};
