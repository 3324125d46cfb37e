import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { coarseLibraryMaps } from './coarse-library-maps.ts';
import { foldersOfLibrary } from './library-folders.ts';
import { type SourceMapJson, withSourcesOfProject } from './sources-of-project.ts';

export interface Bundle {
  /** Text by file name: the bundle, the chunks that it imports when they are needed, and their source maps. */
  readonly files: ReadonlyMap<string, string>;
  /** What went in, relative to the project. */
  readonly inputs: readonly string[];
  /** Modules that it expects to find: those of Node, and the worker's. */
  readonly externals: readonly string[];
  /** Comments about rights that the bundled files contain. */
  readonly legalComments: string;
}

/** Libraries that are not modules call `require`, which a module has to make for itself. */
const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** What is imported when it is needed stays a file of its own. */
const options = {
  entryNames: 'keyturn',
  chunkNames: '[name]-[hash]',
  outExtension: { '.js': '.mjs' },
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // The worker answers this one, by its own require.
  external: ['@azure/functions-core'],
  banner: { js: banner },
  minifyWhitespace: true,
  minifySyntax: true,
  // Logs tell the class of an error.
  keepNames: true,
  // Node prints the line at which a process fails.
  lineLimit: 120,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  logLevel: 'warning',
  plugins: [coarseLibraryMaps],
} as const satisfies BuildOptions;

/**
 * Bundles the files that `main` of the project's package.json names into `keyturn.mjs`, in the order in which the worker
 * loads them.
 * @throws Error when nothing would register functions, or two copies of the library would: only the last one works.
 */
export async function bundleApp(projectFolder: string, main: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    ...options,
    stdin: { contents: importsOf(projectFolder, main), resolveDir: projectFolder, sourcefile: 'keyturn.ts' },
    absWorkingDir: projectFolder,
    // Nothing is written there: the way from it to the sources stands in their maps.
    outdir: join(projectFolder, 'package'),
  });
  const inputs = Object.keys(metafile.inputs).sort();
  requireOneProgrammingModel(inputs);
  const texts = outputFiles.map(({ path, text }): [string, string] => [basename(path), text]).sort();
  const legal = texts.filter(([file]) => file.endsWith('.LEGAL.txt'));
  const code = texts.filter((each) => !legal.includes(each));
  return {
    files: new Map(code.map(([file, text]) => [file, file.endsWith('.map') ? mapText(text) : text])),
    inputs,
    externals: externalsOf(metafile),
    legalComments: legal.map(([, text]) => text).join('\n'),
  };
}

function importsOf(projectFolder: string, main: string): string {
  const files = globSync(main, { cwd: projectFolder }).sort();
  if (files.length === 0) throw new Error(`There is no file that "main" names: ${main}`);
  return files.map((file) => `import ${JSON.stringify(`./${file.replaceAll('\\', '/')}`)};\n`).join('');
}

function requireOneProgrammingModel(inputs: readonly string[]): void {
  const copies = foldersOfLibrary('@azure/functions', inputs);
  if (copies.length !== 1)
    throw new Error(`The package needs one copy of @azure/functions, and has ${copies.length}: ${copies}`);
}

function externalsOf({ outputs }: Metafile): string[] {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  return [...new Set(imports.filter(({ external }) => external).map(({ path }) => path))].sort();
}

function mapText(text: string): string {
  return JSON.stringify(withSourcesOfProject(JSON.parse(text) as SourceMapJson));
}
