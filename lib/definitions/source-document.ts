import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
} from 'yaml';

/** Keys and indexes from the document's root. */
export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Found {
  /** Offset of the key in a map, or of the item in a list. */
  readonly keyAt: number;
  /** The value, when the whole path was found. */
  readonly value: Node | null;
}

/** One YAML document of a file: its value, and where in the file each part of it stands. */
export class SourceDocument {
  readonly file: string;
  /** As JSON would hold it. */
  readonly value: unknown;
  readonly #text: string;
  readonly #root: Node | null;
  readonly #lines: LineCounter;

  constructor(
    file: { readonly name: string; readonly text: string },
    document: Document.Parsed,
    lines: LineCounter,
  ) {
    this.file = file.name;
    this.value = document.toJS({ maxAliasCount: 100 }) as unknown;
    this.#text = file.text;
    this.#root = document.contents;
    this.#lines = lines;
  }

  /** The key at this path; for a path that is not there, the nearest part above it that is. */
  atKey(path: Path): Place {
    return this.#place(this.#find(path).keyAt);
  }

  /**
   * The value at this path where it is a single one, else its key. `offset` counts characters inside a text and is used where the file shows
   * that text as it is (not folded, no escapes before it).
   */
  at(path: Path, offset?: number): Place {
    const { keyAt, value } = this.#find(path);
    if (value === null || !isScalar(value) || !value.range) return this.#place(keyAt);
    const [start] = value.range;
    if (offset === undefined || typeof value.value !== 'string') return this.#place(start);
    const shift = value.type === 'QUOTE_DOUBLE' || value.type === 'QUOTE_SINGLE' ? 1 : 0;
    const shown = this.#text.slice(start + shift, start + shift + offset);
    return this.#place(shown === value.value.slice(0, offset) ? start + shift + offset : start);
  }

  #find(path: Path): Found {
    let value = this.#root;
    let keyAt = value?.range?.[0] ?? 0;
    for (const key of path) {
      const step = stepInto(value, key);
      if (step === null) return { keyAt, value: null };
      keyAt = step.keyAt ?? keyAt;
      value = step.value;
    }
    return { keyAt, value };
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function stepInto(
  node: Node | null,
  key: string | number,
): { readonly keyAt: number | null; readonly value: Node | null } | null {
  if (node === null || isAlias(node)) return null;
  if (isSeq(node)) {
    const item = typeof key === 'number' ? node.items[key] : undefined;
    if (item === undefined || item === null || isPair(item)) return null;
    const value = item as Node;
    return { keyAt: value.range?.[0] ?? null, value };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find(
    (each) => isScalar(each.key) && String(each.key.value) === String(key),
  );
  if (pair === undefined) return null;
  // Parsed documents hold nodes on both sides of a pair; the library's types allow more for documents built by hand.
  return {
    keyAt: (pair.key as Node).range?.[0] ?? null,
    value: (pair.value ?? null) as Node | null,
  };
}
