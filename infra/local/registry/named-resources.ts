interface Entry<Resource> {
  readonly sequence: number;
  resource: Resource;
}

/** Resources of one kind by name, in the order of their creation. Names compare case-insensitively, as in Azure. */
export class NamedResources<Resource extends { readonly name: string }> {
  #sequence = 0;
  readonly #entries = new Map<string, Entry<Resource>>();

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Resource | undefined {
    return this.#entries.get(name.toLowerCase())?.resource;
  }

  /** Adds a resource, or puts it in the place of the one with its name. */
  set(resource: Resource): void {
    const key = resource.name.toLowerCase();
    const kept = this.#entries.get(key);
    if (kept) kept.resource = resource;
    else this.#entries.set(key, { sequence: ++this.#sequence, resource });
  }

  delete(name: string): void {
    this.#entries.delete(name.toLowerCase());
  }

  clear(): void {
    this.#entries.clear();
  }

  *values(): Generator<Resource> {
    for (const { resource } of this.#entries.values()) yield resource;
  }

  /** The resources made after a position in the list, at most `size`, and the position after them if there are more. */
  page(after: number, size: number): { resources: Resource[]; next: number | undefined } {
    const resources: Resource[] = [];
    let last = after;
    for (const { sequence, resource } of this.#entries.values()) {
      if (sequence <= after) continue;
      if (resources.length === size) return { resources, next: last };
      resources.push(resource);
      last = sequence;
    }
    return { resources, next: undefined };
  }
}
