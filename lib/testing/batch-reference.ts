/**
 * What the numbers must be, computed the slow and obvious way from all records at once. It shares no code with the engine: conditions and
 * arguments are plain functions, decimals are whole cents in a bigint, the event clock is recomputed from a sorted list.
 */
export interface ReferenceRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly value: string | null;
}

type Json = Record<string, unknown>;

export type ReferenceMeasure =
  | { readonly kind: 'count'; readonly where?: (record: Json) => boolean }
  | {
      readonly kind: 'sum' | 'avg' | 'min' | 'max';
      readonly cents: (record: Json) => bigint | null;
    }
  | { readonly kind: 'ratio'; readonly of: (record: Json) => boolean };

export interface ReferenceMetric {
  readonly eventAt: (record: Json, timestamp: number) => number | null;
  /** True when the record cannot be counted for this metric. */
  readonly invalid?: (record: Json) => boolean;
  readonly where: (record: Json) => boolean;
  readonly dims: (record: Json) => Json;
  readonly measure: ReferenceMeasure;
  readonly sizeMs: number;
  readonly latenessMs: number;
  readonly aheadMs: number;
}

export interface ReferenceValue {
  readonly value: string | number | null;
  readonly parts: Json;
  readonly in: number;
  readonly late: number;
  readonly partial: boolean;
}

type Ranges = Readonly<Record<string, { readonly from: number; readonly next: number }>>;

/** What became of one record: counted or late for the value `id`, or neither. */
interface Verdict {
  readonly offset: number;
  readonly id: string | null;
  readonly late: boolean;
  readonly json: Json;
  readonly eventAt: number;
}

/** Judges the records of one partition in order, from offset `from`. A verdict depends on earlier records of the same partition alone. */
export function judgePartition(
  metric: ReferenceMetric,
  records: readonly ReferenceRecord[],
  from: number,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const largest: number[] = [];
  let clock = -1;
  for (const record of records) {
    if (record.offset < from) continue;
    const json = objectIn(record.value);
    const eventAt = json && metric.eventAt(json, record.timestamp);
    if (json === null || eventAt === null || eventAt > record.timestamp + metric.aheadMs) continue;
    const verdict = { offset: record.offset, json, eventAt };
    if (metric.invalid?.(json) !== true && metric.where(json)) {
      const start = Math.floor(eventAt / metric.sizeMs) * metric.sizeMs;
      const id = `${String(start)}|${sortedJson(metric.dims(json))}`;
      verdicts.push({ ...verdict, id, late: clock >= start + metric.sizeMs + metric.latenessMs });
    } else {
      verdicts.push({ ...verdict, id: null, late: false });
    }
    const tenth = largest[9];
    if (tenth === undefined || eventAt - tenth <= metric.aheadMs) clock = Math.max(clock, eventAt);
    largest.push(eventAt);
    largest.sort((a, b) => b - a);
    largest.length = Math.min(largest.length, 10);
  }
  return verdicts;
}

/** Every value the metric has over the named ranges, keyed `<window start>|<dims as JSON, keys sorted>`. */
export function computeBatch(
  metric: ReferenceMetric,
  partitions: ReadonlyMap<string, readonly ReferenceRecord[]>,
  ranges: Ranges,
): Map<string, ReferenceValue> {
  const verdicts = Object.entries(ranges).flatMap(([key, { from, next }]) =>
    judgePartition(metric, partitions.get(key) ?? [], from).filter(({ offset }) => offset < next),
  );
  const firsts = Object.entries(ranges).flatMap(([key, { from, next }]) => {
    const first = judgePartition(metric, partitions.get(key) ?? [], from)[0];
    return from > 0 && first && first.offset < next ? [first.eventAt] : [];
  });
  const values = new Map<string, ReferenceValue>();
  for (const [id, group] of Map.groupBy(verdicts, (verdict) => verdict.id)) {
    const value = id === null ? null : valueOf(metric, group);
    if (id === null || value === null) continue;
    const start = Number(id.slice(0, id.indexOf('|')));
    values.set(id, { ...value, partial: firsts.some((first) => start < first) });
  }
  return values;
}

/** One value out of the verdicts that belong to it; null when no record is counted in it. */
export function valueOf(
  metric: ReferenceMetric,
  verdicts: readonly Verdict[],
): Omit<ReferenceValue, 'partial'> | null {
  const counted = verdicts.filter(({ late }) => !late).map(({ json }) => json);
  if (counted.length === 0) return null;
  return {
    ...measured(metric.measure, counted),
    in: counted.length,
    late: verdicts.length - counted.length,
  };
}

function measured(
  measure: ReferenceMeasure,
  records: readonly Json[],
): { value: string | number | null; parts: Json } {
  if (measure.kind === 'count') {
    const { where } = measure;
    const count = where ? records.filter(where).length : records.length;
    return { value: count, parts: { count } };
  }
  if (measure.kind === 'ratio') {
    const of = records.filter(measure.of).length;
    return {
      value: records.length === 0 ? null : of / records.length,
      parts: { of, to: records.length },
    };
  }
  const cents = records.map(measure.cents).filter((c) => c !== null);
  if (measure.kind === 'min' || measure.kind === 'max') {
    const sorted = [...cents].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const best = measure.kind === 'min' ? sorted[0] : sorted[sorted.length - 1];
    return best === undefined
      ? { value: null, parts: {} }
      : { value: money(best), parts: { [measure.kind]: money(best) } };
  }
  const sum = cents.reduce((a, b) => a + b, 0n);
  const parts = { sum: money(sum), count: cents.length };
  if (measure.kind === 'sum') return { value: money(sum), parts };
  return { value: cents.length === 0 ? null : average(sum, BigInt(cents.length)), parts };
}

const money = (cents: bigint): string => plain(cents, 2);

/** Half to even at six decimals, by looking at both neighbours. */
function average(cents: bigint, count: bigint): string {
  const scaled = cents * 10_000n;
  let low = scaled / count;
  if (low * count > scaled) low -= 1n;
  const below = scaled - low * count;
  const above = (low + 1n) * count - scaled;
  const nearest = below < above ? low : below > above ? low + 1n : low % 2n === 0n ? low : low + 1n;
  return plain(nearest, 6);
}

function plain(units: bigint, scale: number): string {
  const text = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function objectIn(text: string | null): Json | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Json)
      : null;
  } catch {
    return null;
  }
}

const sortedJson = (value: Json): string =>
  JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
