import { styleText } from 'node:util';
import type { DemoService } from './service.ts';

/** What a reader can do with what is up when the demo is through. */
export function playOnText({ cloud, keyturn, environmentFile }: DemoService): string[] {
  const control = cloud.controlUrl;
  const command = (text: string) => `    ${text}`;
  return [
    '',
    styleText(['bold', 'cyan'], 'Now it is yours: all stays up until Ctrl-C'),
    styleText('dim', '   Events go on to appear here as they come. In a second terminal:'),
    '',
    '  ask for a token of your own, and log in with it',
    command(`set -a; . ${environmentFile}; set +a`),
    command('npm run example:request-token -- team-api teams/api'),
    '  let two months go by',
    command(`curl -X POST ${control}/clock/advance -d '{"by":"P60D"}'`),
    '  let the vault fail three times, then let time go by again: Keyturn tries until it works',
    command(`curl -X POST ${control}/faults -d '{"part":"key-vault","effect":{"kind":"fail"},"times":3}'`),
    '  ask Keyturn what it knows of its tokens, or of one and its history (/contoso/team-web)',
    command(`curl -H 'x-functions-key: ${keyturn.functionKey}' \\`),
    command(`  ${keyturn.origin}/api/tokens`),
    '  what was asked of the registry, and by whom',
    command(`curl '${control}/requests?part=resource-manager'`),
    '',
    `  Keyturn's log: ${keyturn.logFile}`,
  ];
}
