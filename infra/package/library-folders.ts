/** The folders of the libraries that files belong to, such as `node_modules/zod`; files of the project belong to none. */
export function libraryFolders(files: readonly string[]): string[] {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** The folders of all copies of one library. */
export function foldersOfLibrary(name: string, files: readonly string[]): string[] {
  return libraryFolders(files).filter((folder) => folder.endsWith(`node_modules/${name}`));
}
