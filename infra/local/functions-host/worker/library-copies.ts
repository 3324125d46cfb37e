import Module from 'node:module';

/** The files of all copies of @azure/functions that are loaded in this thread, for a message. */
export function loadedCopiesOfLibrary(): string {
  const cache = (Module as unknown as { _cache: Record<string, unknown> })._cache;
  const files = Object.keys(cache).filter((file) =>
    /@azure[\\/]functions[\\/]dist[\\/][^\\/]+\.js$/.test(file),
  );
  return files.length > 0 ? files.join(', ') : 'they are bundled into the app';
}
