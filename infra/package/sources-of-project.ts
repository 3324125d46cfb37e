/** As much of a source map as is changed here. */
export interface SourceMapJson {
  readonly sources: readonly string[];
  readonly [member: string]: unknown;
}

/** Sources named as in the project, `src/…`: the package is not where they are. */
export function withSourcesOfProject(map: SourceMapJson): SourceMapJson {
  return { ...map, sources: map.sources.map((source) => source.replace(/^(?:\.\.\/)+/, '')) };
}
