import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../src/configuration/read-configuration.ts';
import { parseTemplate } from './bicep/parse-template.ts';
import { fieldsOf } from './bicep/values.ts';
import { deployKeyturn, ofType, settingsOf, theOnly, within } from './deployed-keyturn.ts';

const files = globSync('infra/{*.bicep,modules/*.bicep}').toSorted();
const textOfFile = (file: string) => readFileSync(file, 'utf8');

/** How often a name stands in a template as a word of its own. */
function uses(name: string, text: string): number {
  return text.match(new RegExp(`(?<![\\w.])${name}(?!\\w)`, 'g'))?.length ?? 0;
}

describe.each(files)('%s', (file) => {
  const text = textOfFile(file);
  const template = parseTemplate(text, file);

  it('uses every parameter and every variable that it has', () => {
    const names = [...template.parameters.keys(), ...template.variables.keys()];
    // Twice at least: where it is declared, and somewhere else that is not only the key of a property.
    const unused = names.filter(
      (name) => uses(name, text.replaceAll(new RegExp(`^ *${name}:`, 'gm'), '')) < 2,
    );
    expect(unused).toEqual([]);
  });

  it('asks Azure for no key, connection string or secret, and holds none', () => {
    expect(text).not.toMatch(/\blist[A-Z]\w*\(|AccountKey|SharedAccessKey|InstrumentationKey|@secure/);
  });

  it('names stable API versions, but for diagnostic settings, which never had one', () => {
    const previews = text.match(/'[\w./]+@[\d-]+-preview'/g) ?? [];
    expect(previews.filter((type) => !type.includes('Microsoft.Insights/diagnosticSettings@'))).toEqual([]);
  });
});

describe('the parameters of main.bicep', () => {
  const { parameters } = parseTemplate(textOfFile('infra/main.bicep'), 'infra/main.bicep');

  it('say what they mean', () => {
    const silent = [...parameters.values()].filter(({ decorators }) => !decorators.has('description'));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('have defaults, but for those that the Azure Developer CLI fills in', () => {
    const needed = [...parameters.values()]
      .filter(({ defaultValue }) => !defaultValue)
      .map(({ name }) => name);
    const filledIn = fieldsOf(JSON.parse(textOfFile('infra/main.parameters.json'))).parameters;
    expect(Object.keys(fieldsOf(filledIn))).toEqual(needed);
  });

  it.each([
    [{ maximumInstanceCount: 1 }, 'maximumInstanceCount is below 40'],
    [{ softDeleteRetentionInDays: 91 }, 'softDeleteRetentionInDays is above 90'],
    [{ storageSku: 'Premium_LRS' }, 'storageSku is none of'],
    [{ vaults: [{ name: 'much-too-long-for-a-vault' }] }, 'vaults[0].name is above 13'],
    [{ registries: [] }, 'registries is below 1'],
    [{ operators: [{ principal: 'x' }] }, 'operators[0].principal is not known'],
    [{ colour: 'red' }, 'no parameter colour'],
  ])('refuse %j', (wrong, message) => {
    expect(() => deployKeyturn(wrong)).toThrow(message);
  });
});

describe('docs/deploy.md', () => {
  const text = textOfFile('docs/deploy.md');
  const firstCells = (heading: string) =>
    [...(text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map(
      ([, cell]) => cell,
    );

  it('has every parameter, in the order of main.bicep', () => {
    const { parameters } = parseTemplate(textOfFile('infra/main.bicep'), 'infra/main.bicep');
    expect(firstCells('Parameters')).toEqual([...parameters.keys()]);
  });

  it('names every output', () => {
    const outputs = Object.keys(deployKeyturn().outputs);
    expect(outputs.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('has every alert rule', () => {
    const rules = [
      ...ofType(deployKeyturn(), 'Microsoft.Insights/metricAlerts'),
      ...ofType(deployKeyturn(), 'Microsoft.Insights/scheduledQueryRules'),
    ].map(({ name }) => name.replace(/^keyturn-(.*)-[a-z0-9]{13}$/, '$1'));
    expect(firstCells('Alerts').toSorted()).toEqual(rules.toSorted());
  });

  it('has an example of parameters that deploys and configures Keyturn', () => {
    const [, json = ''] = /```json\n(\{\s+"\$schema"[\s\S]*?)\n```/.exec(text) ?? [];
    const { environmentName, location, ...parameters } = fieldsOf(fieldsOf(JSON.parse(json)).parameters);
    expect([environmentName, location]).toEqual(
      Object.values(fieldsOf(fieldsOf(JSON.parse(textOfFile('infra/main.parameters.json'))).parameters)),
    );
    const given = Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, fieldsOf(parameter).value]),
    );
    const { KEYTURN_CONFIGURATION } = settingsOf(deployKeyturn(given));
    expect([...parseConfiguration(KEYTURN_CONFIGURATION ?? '').entrances.keys()]).toEqual(['token-requests']);
  });
});

describe('the names', () => {
  it.each([
    ['Microsoft.KeyVault/vaults', /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/],
    ['Microsoft.Storage/storageAccounts', /^[a-z0-9]{3,24}$/],
    ['Microsoft.ContainerRegistry/registries', /^[a-zA-Z0-9]{5,50}$/],
    ['Microsoft.ServiceBus/namespaces', /^[a-z][a-z0-9-]{4,48}[a-z0-9]$/],
    ['Microsoft.Web/sites', /^[a-z0-9-]{2,60}$/],
  ])('of %s keep to Azure’s rule, the longest ones too', (type, rule) => {
    const deployment = deployKeyturn({
      environmentName: 'e'.repeat(32),
      archiveRetentionInDays: 30,
      vaults: [{ name: 'teams' }, { name: 'partners' }, { name: 'thirteen-long' }],
      registries: [{ name: 'images' }, { name: 'r'.repeat(50) }],
    });
    const names = ofType(deployment, type).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(name).toMatch(rule);
  });
});

describe('the tags', () => {
  it('are on everything that can have some', () => {
    const deployment = deployKeyturn({
      tags: { team: 'platform' },
      privateNetwork: true,
      archiveRetentionInDays: 30,
      alertSinks: [{ name: 'oncall', allowedHosts: ['hooks.example.com'], urlSecret: 'oncall-url' }],
    });
    const untagged = deployment.resources.filter(({ body }) => 'location' in body && !('tags' in body));
    expect(untagged.map(({ id }) => id)).toEqual([]);
    for (const { body } of deployment.resources)
      if ('tags' in body)
        expect(body.tags).toMatchObject({ application: 'keyturn', 'azd-env-name': 'test', team: 'platform' });
  });
});

describe('the function app', () => {
  it('is the service that azure.yaml deploys to', () => {
    const [, service] = /^services:\n {2}(\w+):\n {4}host: function/m.exec(textOfFile('azure.yaml')) ?? [];
    const { body } = theOnly(deployKeyturn(), 'Microsoft.Web/sites');
    expect(within(body, 'tags', 'azd-service-name')).toBe(service);
  });

  it('keeps one instance ready for Durable Functions, and runs the Node of the project', () => {
    const { body } = theOnly(deployKeyturn(), 'Microsoft.Web/sites');
    const config = within(body, 'properties', 'functionAppConfig');
    expect(within(config, 'scaleAndConcurrency', 'alwaysReady')).toEqual([
      { name: 'durable', instanceCount: 1 },
    ]);
    const { devDependencies } = JSON.parse(textOfFile('package.json')) as {
      devDependencies: { node: string };
    };
    expect(within(config, 'runtime')).toEqual({ name: 'node', version: devDependencies.node.split('.')[0] });
  });

  it('takes its packages from a container of the host’s storage by its identity', () => {
    const deployment = deployKeyturn();
    const { body } = theOnly(deployment, 'Microsoft.Web/sites');
    const storage = within(body, 'properties', 'functionAppConfig', 'deployment', 'storage');
    const [container] = ofType(deployment, 'Microsoft.Storage/storageAccounts/blobServices/containers');
    const [account, , name] = container?.name.split('/') ?? [];
    expect(within(storage, 'value')).toBe(`https://${account}.blob.core.windows.net/${name}`);
    expect(within(storage, 'authentication', 'type')).toBe('UserAssignedIdentity');
  });
});
