import { chosenRegistries, openPorts } from '../open-ports.ts';
import { runCommand } from '../run-command.ts';
import { accessRows } from './access-rows.ts';
import { help, parseCommandLine } from './command-line.ts';
import { formatCsv } from './format-csv.ts';
import { formatJson } from './format-json.ts';
import { formatTable } from './format-table.ts';

const formats = { table: formatTable, csv: formatCsv, json: formatJson };

await runCommand(async () => {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const { configuration, ports } = openPorts(command.settingsFiles);
  try {
    const { format, asOf } = command;
    const registries = chosenRegistries(command.registries, configuration);
    const rows = await accessRows({ ...command, registries }, { ...ports, configuration });
    process.stdout.write(formats[format](rows, asOf, ports.clock.now().toISOString()));
    return 0;
  } finally {
    await ports.close();
  }
});
