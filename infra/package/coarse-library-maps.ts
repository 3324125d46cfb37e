import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Maps code of libraries to its file, without lines. With all their lines the map is eight times as large, and a worker that
 * looks up one stack trace takes 100 MB for it. The maps that libraries bring are left aside as well: they lead to files
 * that are not published.
 */
export const coarseLibraryMaps: Plugin = {
  name: 'coarse-library-maps',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { loader: 'js', contents: `${withoutMapComment(text)}\n${mapComment(basename(path))}` };
    });
  },
};

function withoutMapComment(text: string): string {
  return text.replace(/^\/\/[#@] sourceMappingURL=.*$/gm, '');
}

/** `AAAA` maps the very beginning; all that follows belongs to the last place before it. */
function mapComment(source: string): string {
  const map = JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAAA' });
  const data = Buffer.from(map).toString('base64');
  return `//# sourceMappingURL=data:application/json;base64,${data}`;
}
