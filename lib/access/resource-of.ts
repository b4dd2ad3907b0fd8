import type { Resource } from '#lib/access/authorize.ts';
import type { Definition } from '#lib/definitions/schema.ts';

type DefinitionOf<K extends Definition['kind']> = Extract<Definition, { kind: K }>;

/** What `authorize` is asked about for a board itself; each of its panels is asked about as a metric. */
export const boardResource = (board: DefinitionOf<'Board'>): Resource => ({
  kind: 'board',
  name: board.metadata.name,
  owner: board.metadata.owner,
  classes: [],
  dims: [],
});

/**
 * What `authorize` is asked about for a metric. Its classes are those of every field of its stream that its text mentions: the class of a field
 * follows its data into the number, and a field that is only filtered by tells something too.
 */
export function metricResource(
  metric: DefinitionOf<'Metric'>,
  stream: DefinitionOf<'Stream'> | null,
): Resource {
  const { where, groupBy, measure } = metric.spec;
  const text = JSON.stringify([where, groupBy, measure]);
  const mentioned = new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g));
  const fields = Object.entries(stream?.spec.fields ?? {});
  const classes = fields.filter(([name]) => mentioned.has(name)).map(([, field]) => field.class);
  return {
    kind: 'metric',
    name: metric.metadata.name,
    owner: metric.metadata.owner,
    classes: [...new Set(classes)].sort(),
    dims: groupBy,
  };
}
