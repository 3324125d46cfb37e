import type { CloudConfig } from './cloud-config.ts';
import type { StartablePart } from './command-line.ts';

/**
 * The config with one part on a port of its own. A part with several endpoints takes the ports that follow, in the order
 * of the table of endpoints; port 0 takes any free ones.
 */
export function withPartOnPort(config: CloudConfig, part: StartablePart, first: number): CloudConfig {
  const port = (place: number) => (first === 0 ? 0 : first + place);
  switch (part) {
    case 'identity':
      return { ...config, ports: { ...config.ports, identity: port(0) } };
    case 'service-bus':
      return { ...config, ports: { ...config.ports, serviceBus: port(0), serviceBusTls: port(1) } };
    case 'storage':
      return { ...config, ports: { ...config.ports, blob: port(0), queue: port(1), table: port(2) } };
    case 'registry':
      return {
        ...config,
        ports: { ...config.ports, resourceManager: port(0) },
        registry: {
          ...config.registry,
          registries: config.registry.registries.map((registry, place) => ({
            ...registry,
            loginServerPort: port(place + 1),
          })),
        },
      };
    case 'key-vault':
      return {
        ...config,
        keyVault: {
          ...config.keyVault,
          vaults: config.keyVault.vaults.map((vault, place) => ({ ...vault, port: port(place) })),
        },
      };
  }
}
