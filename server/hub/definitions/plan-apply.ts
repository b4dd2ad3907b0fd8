import type { MetricPlan } from '#lib/contracts/plan.ts';
import type { ApplyRequest, DefinitionChange, DefinitionProblem } from '#lib/contracts/rest.ts';
import { canonicalJson } from '#lib/definitions/canonical-json.ts';
import { checkDefinitions, checkDuplicates } from '#lib/definitions/check-definitions.ts';
import { DefinitionSet } from '#lib/definitions/definition-set.ts';
import { differencesOf } from '#lib/definitions/differences.ts';
import { appliedPlaces, type Subject } from '#lib/definitions/finding.ts';
import { parseDefinitions, type ParsedDefinition } from '#lib/definitions/parse-definitions.ts';
import type { StoredDefinition } from '#server/ports/hub-store.ts';
import { keyOf, removedRow, sourceOf, type Entry } from './entry.ts';
import { planMetric } from './metric-version.ts';
import { selectChanges, type Selected } from './select-changes.ts';

export interface ApplyTools {
  /** Machine's wall clock, epoch ms. */
  readonly now: number;
  readonly highestVersion: (metric: string) => Promise<number>;
}

export interface PlannedApply {
  /** False when a problem is an error: then there is nothing else. */
  readonly ok: boolean;
  readonly problems: readonly DefinitionProblem[];
  readonly changes: readonly DefinitionChange[];
  readonly put: readonly StoredDefinition[];
  readonly remove: readonly { readonly kind: string; readonly name: string }[];
}

type Plans = ReadonlyMap<string, MetricPlan>;

/** Checks a request against everything that is applied, and says what it would store. Changes nothing; problems are values (DF10). */
export async function planApply(
  entries: ReadonlyMap<string, Entry>,
  request: ApplyRequest,
  tools: ApplyTools,
): Promise<PlannedApply> {
  const { parsed, problems: unreadable } = parseDefinitions(request.files);
  const selected = selectChanges(entries, parsed, request);
  const subjects = subjectsAfter(entries, selected);
  // References cannot be judged while some of what they name could not be read.
  const references = unreadable.length > 0 ? [] : checkDefinitions(subjects);
  const problems = [
    ...unreadable,
    ...checkDuplicates(parsed),
    ...selected.problems,
    ...references.filter(isWorthSaying),
  ];
  if (problems.some(({ severity }) => severity === 'error')) {
    return { ok: false, problems, changes: [], put: [], remove: [] };
  }
  const set = new DefinitionSet(subjects.map(({ definition }) => definition));
  const plans = await plansOf(set, entries, tools);
  const wanted = wantedRows(selected, plans, { set: request.set, now: tools.now });
  const followers = followingRows(entries, plans, selected);
  const removals = selected.pruned.map(({ row }) => removalOf(row, tools.now));
  return {
    ok: true,
    problems,
    changes: [
      ...wanted.changes,
      ...followers.map(({ change }) => change).filter((change) => change !== null),
      ...removals.map(({ change }) => change),
    ],
    put: [
      ...wanted.rows,
      ...followers.map(({ row }) => row),
      ...removals.flatMap(({ put }) => put),
    ],
    remove: removals.flatMap(({ remove }) => remove),
  };
}

/** Advice about what was applied long ago is not this request's business; errors it brings about are. */
const isWorthSaying = ({ file, severity }: DefinitionProblem): boolean =>
  severity === 'error' || !file.startsWith('(applied)');

/** All that would be in force, each with where it stands. */
function subjectsAfter(
  entries: ReadonlyMap<string, Entry>,
  { wanted, pruned }: Selected,
): readonly Subject[] {
  const after = new Map<string, Subject>();
  const gone = new Set(pruned.map(({ row }) => keyOf(row.kind, row.name)));
  for (const [key, { definition }] of entries) {
    if (definition !== null && !gone.has(key))
      after.set(key, { definition, places: appliedPlaces(definition) });
  }
  for (const { key, parsed, action } of wanted) if (action !== 'skip') after.set(key, parsed);
  return [...after.values()];
}

async function plansOf(
  set: DefinitionSet,
  entries: ReadonlyMap<string, Entry>,
  tools: ApplyTools,
): Promise<Plans> {
  const plans = new Map<string, MetricPlan>();
  for (const metric of set.all('Metric')) {
    const { name } = metric.metadata;
    const stream = set.get('Stream', metric.spec.from);
    if (stream === null) continue; // checkDefinitions has refused it
    const held = entries.get(keyOf('Metric', name))?.row.plan ?? null;
    plans.set(name, await planMetric(metric, stream, held, tools.highestVersion));
  }
  return plans;
}

const isSamePlan = (a: MetricPlan | null, b: MetricPlan | null): boolean =>
  canonicalJson(a) === canonicalJson(b);

function wantedRows(
  { wanted }: Selected,
  plans: Plans,
  { set, now }: { readonly set: string; readonly now: number },
): { readonly rows: readonly StoredDefinition[]; readonly changes: readonly DefinitionChange[] } {
  const rows: StoredDefinition[] = [];
  const changes = wanted.map(({ parsed, before, action }): DefinitionChange => {
    const { kind, metadata } = parsed.definition;
    const { name } = metadata;
    const held = before?.row.plan ?? null;
    const plan = kind === 'Metric' ? (plans.get(name) ?? null) : null;
    if (action === 'skip')
      return { kind, name, action, version: held?.version ?? null, differences: [] };
    if (action === 'keep' && isSamePlan(plan, held)) {
      return { kind, name, action: 'unchanged', version: held?.version ?? null, differences: [] };
    }
    if (action === 'put') {
      rows.push({
        kind,
        name,
        source: JSON.stringify(parsed.source),
        set,
        revision: (before?.row.revision ?? 0) + 1,
        changedAt: now,
        plan,
        planPublished: isSamePlan(plan, held) && (before?.row.planPublished ?? true),
      });
    }
    return changeOf(parsed, before, plan, set);
  });
  return { rows, changes };
}

function changeOf(
  { definition, source }: ParsedDefinition,
  before: Entry | null,
  plan: MetricPlan | null,
  set: string,
): DefinitionChange {
  const { kind, metadata } = definition;
  const version = plan?.version ?? null;
  const common = { kind, name: metadata.name, version };
  if (before === null)
    return { ...common, action: 'create', differences: [...differencesOf(null, source)] };
  const { row } = before;
  const manager =
    row.set === set ? [] : [{ path: '(managed by)', before: row.set ?? '(browser)', after: set }];
  const differences = [...manager, ...differencesOf(sourceOf(row), source)];
  const started = row.plan !== null && row.plan.version !== version;
  if (!started) return { ...common, action: 'update', differences };
  return {
    ...common,
    action: 'new-version',
    differences: differences.length > 0 ? differences : closureDifferences(row.plan, plan),
  };
}

const closureDifferences = (
  before: MetricPlan | null,
  after: MetricPlan | null,
): DefinitionChange['differences'] => [
  ...differencesOf(before?.closure ?? null, after?.closure ?? null),
];

interface Follower {
  readonly row: StoredDefinition;
  /** Null where it is told with the files' own. */
  readonly change: DefinitionChange | null;
}

/** Metrics that nobody wrote anew and that change all the same, because their stream did (DF12). */
function followingRows(
  entries: ReadonlyMap<string, Entry>,
  plans: Plans,
  { wanted }: Selected,
): readonly Follower[] {
  const actions = new Map(wanted.map(({ key, action }) => [key, action]));
  return [...plans].flatMap(([name, plan]): readonly Follower[] => {
    const key = keyOf('Metric', name);
    const entry = entries.get(key);
    if (entry === undefined || actions.get(key) === 'put' || isSamePlan(plan, entry.row.plan)) {
      return [];
    }
    const row = { ...entry.row, plan, planPublished: false };
    // Where the files hold it unchanged, its change is told with theirs.
    if (actions.has(key)) return [{ row, change: null }];
    const differences = closureDifferences(entry.row.plan, plan);
    return [
      {
        row,
        change: {
          kind: 'Metric',
          name,
          action: 'new-version',
          version: plan.version,
          differences,
        } as const,
      },
    ];
  });
}

function removalOf(row: StoredDefinition, now: number) {
  const { kind, name, plan } = row;
  const change: DefinitionChange = {
    kind,
    name,
    action: 'delete',
    version: plan?.version ?? null,
    differences: [...differencesOf(sourceOf(row), null)],
  };
  // A metric's row waits for its tombstone; nothing else is in the definitions topic.
  return kind === 'Metric'
    ? { change, put: [removedRow(row, now)], remove: [] }
    : { change, put: [], remove: [{ kind, name }] };
}
