import type { DefinitionChange } from '#lib/contracts/rest.ts';

type Differences = DefinitionChange['differences'];

/** What stands for a path that is not there on one side. */
const ABSENT = '(absent)';

const isNode = (value: unknown): value is object => typeof value === 'object' && value !== null;

function leaves(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (!isNode(value)) {
    into.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    return into;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) into.set(path, Array.isArray(value) ? '[]' : '{}');
  for (const [key, held] of entries) leaves(held, path === '' ? key : `${path}.${key}`, into);
  return into;
}

/** Lists of named things are told apart by name, so that a panel put first does not look like every panel changed. */
function keyed(value: unknown): unknown {
  if (Array.isArray(value)) {
    const ids = value.map((item) => (isNode(item) ? (item as { id?: unknown }).id : undefined));
    const unique = ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length;
    const items = value.map(keyed);
    return unique && ids.length > 0
      ? Object.fromEntries(ids.map((id, i) => [id, items[i]]))
      : items;
  }
  if (!isNode(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, keyed(held)]));
}

/**
 * Lines of the difference between two definitions as people wrote them, by path in the order of the new one, what was removed last (DF8).
 * Null stands for no definition. Values that are equal are left out; an empty answer means nothing changed.
 */
export function differencesOf(before: unknown, after: unknown): Differences {
  const old = before === null ? new Map<string, string>() : leaves(keyed(before), '', new Map());
  const now = after === null ? new Map<string, string>() : leaves(keyed(after), '', new Map());
  const changed = [...now].flatMap(([path, text]) => {
    const was = old.get(path) ?? ABSENT;
    return was === text ? [] : [{ path, before: was, after: text }];
  });
  const removed = [...old].flatMap(([path, text]) =>
    now.has(path) ? [] : [{ path, before: text, after: ABSENT }],
  );
  return [...changed, ...removed];
}
