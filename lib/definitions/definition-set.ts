import type { Definition, DefinitionOf, Kind } from './schema.ts';

/** Definitions by kind and name. */
export class DefinitionSet {
  readonly #byKey = new Map<string, Definition>();

  constructor(definitions: Iterable<Definition>) {
    for (const definition of definitions) {
      this.#byKey.set(`${definition.kind}/${definition.metadata.name}`, definition);
    }
  }

  get<K extends Kind>(kind: K, name: string): DefinitionOf<K> | null {
    // The key begins with the kind, so what stands there is of that kind.
    return (this.#byKey.get(`${kind}/${name}`) as DefinitionOf<K> | undefined) ?? null;
  }

  all<K extends Kind>(kind: K): readonly DefinitionOf<K>[] {
    return [...this.#byKey.values()].filter((each): each is DefinitionOf<K> => each.kind === kind);
  }

  names(kind: Kind): readonly string[] {
    return this.all(kind).map(({ metadata }) => metadata.name);
  }
}
