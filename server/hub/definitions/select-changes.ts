import type { ApplyRequest, DefinitionProblem } from '#lib/contracts/rest.ts';
import { canonicalJson } from '#lib/definitions/canonical-json.ts';
import { problemOf } from '#lib/definitions/finding.ts';
import type { ParsedDefinition } from '#lib/definitions/parse-definitions.ts';
import { isRemoved, keyOf, sourceOf, type Entry } from './entry.ts';

export interface Selected {
  /** Objects of the files and what they replace. */
  readonly wanted: readonly {
    readonly key: string;
    readonly parsed: ParsedDefinition;
    readonly before: Entry | null;
    readonly action: 'put' | 'keep' | 'skip';
  }[];
  /** Objects of this set that the files do not hold any more. */
  readonly pruned: readonly Entry[];
  readonly problems: readonly DefinitionProblem[];
}

/** What the files mean to change, by who manages what: an object is changed and deleted by its own set alone (DF11). */
export function selectChanges(
  entries: ReadonlyMap<string, Entry>,
  parsed: readonly ParsedDefinition[],
  request: ApplyRequest,
): Selected {
  const problems: DefinitionProblem[] = [];
  const wanted = parsed.map((each) => {
    const { kind, metadata } = each.definition;
    const key = keyOf(kind, metadata.name);
    const held = entries.get(key);
    const before = held === undefined || isRemoved(held) ? null : held;
    if (before === null) return { key, parsed: each, before, action: 'put' } as const;
    if (request.onlyAbsent) return { key, parsed: each, before, action: 'skip' } as const;
    const same = canonicalJson(each.source) === canonicalJson(sourceOf(before.row));
    const own = before.row.set === request.set;
    if (same && (own || !request.takeOver)) {
      return { key, parsed: each, before, action: 'keep' } as const;
    }
    if (!own && !request.takeOver) problems.push(managedElsewhere(each, before));
    return { key, parsed: each, before, action: 'put' } as const;
  });
  const inFiles = new Set(wanted.map(({ key }) => key));
  const pruned = request.prune
    ? [...entries].flatMap(([key, entry]) =>
        entry.row.set === request.set && !inFiles.has(key) && !isRemoved(entry) ? [entry] : [],
      )
    : [];
  return { wanted, pruned, problems };
}

function managedElsewhere(
  { definition, places }: ParsedDefinition,
  { row }: Entry,
): DefinitionProblem {
  const { kind, metadata } = definition;
  const manager = row.set === null ? 'in the browser' : `by set \`${row.set}\``;
  return problemOf(
    {
      path: ['metadata', 'name'],
      message: `${kind} \`${metadata.name}\` is managed ${manager}`,
      fix: 'apply it there, or with --take-over',
    },
    places,
  );
}
