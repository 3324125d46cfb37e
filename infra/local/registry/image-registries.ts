import { join } from 'node:path';
import {
  findDockerRegistry,
  type RunningDockerRegistry,
  startDockerRegistry,
} from './docker-registry-process.ts';
import type { RegistryConfig } from './registry-config.ts';

export interface RunningImageRegistries {
  /** The config with an `upstream` for each registry that has images now. */
  readonly config: RegistryConfig;
  close(): Promise<void>;
}

/**
 * Starts an OCI registry behind each configured registry that names none, where Debian's `docker-registry` is installed.
 * Without it those registries hold no images.
 */
export async function startImageRegistries(
  config: RegistryConfig,
  folder: string,
): Promise<RunningImageRegistries> {
  const program = await findDockerRegistry();
  if (!program) return { config, close: async () => {} };
  const started: RunningDockerRegistry[] = [];
  const close = async () => {
    await Promise.all(started.map((registry) => registry.close()));
  };
  try {
    const registries: RegistryConfig['registries'] = [];
    for (const registry of config.registries) {
      if (registry.upstream) {
        registries.push(registry);
        continue;
      }
      const images = await startDockerRegistry(program, join(folder, registry.name));
      started.push(images);
      registries.push({ ...registry, upstream: images.url });
    }
    return { config: { ...config, registries }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
