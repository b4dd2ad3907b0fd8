import type { z } from 'zod';
import {
  canonicalDims,
  claimSchema,
  metricValueSchema,
  valueKey,
  type Claim,
  type MetricValue,
} from '#lib/contracts/metric-record.ts';
import { parseJson } from '#server/records/record-text.ts';

/** What a record of the values topic is, once its text is checked (foreign data is parsed at four doors: environment, Kafka record, socket request, HTTP request). */
export type ValueRecord =
  | { readonly kind: 'value'; readonly value: MetricValue; readonly dims: string }
  | { readonly kind: 'claim'; readonly claim: Claim }
  /** A value's key freed by its writer; `dims` is the canonical JSON of the key. */
  | {
      readonly kind: 'tombstone';
      readonly metric: string;
      readonly version: string;
      readonly start: number;
      readonly dims: string;
    }
  /** A freed claim, or a freed key that is no value's: nothing to know. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'invalid'; readonly reason: string };

const invalid = (reason: string): ValueRecord => ({ kind: 'invalid', reason });

/** The first thing that is wrong, by its path: the payload itself is not repeated, it may hold personal fields. */
export function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'does not match the contract';
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

export function readValueRecord(key: string | null, text: string | null): ValueRecord {
  if (text === null) return readTombstone(key);
  const json = parseJson(text);
  if (json === undefined) return invalid('not JSON');
  if (typeof json === 'object' && json !== null && 'claim' in json) {
    const claim = claimSchema.safeParse(json);
    return claim.success
      ? { kind: 'claim', claim: claim.data }
      : invalid(`not a claim: ${problemOf(claim.error)}`);
  }
  const parsed = metricValueSchema.safeParse(json);
  if (!parsed.success) return invalid(`not a metric value: ${problemOf(parsed.error)}`);
  const value = parsed.data;
  const { start, end } = value.window;
  if (end <= start) return invalid('window.end: must be after window.start');
  const dims = canonicalDims(value.dims);
  // Compaction goes by key and hubs by content: only where both say the same does every hub see the same (SEMANTICS 3.1).
  if (value.version !== undefined && key !== valueKey(value.metric, value.version, start, dims))
    return invalid('key: is not metric|version|windowStart|dims of the record');
  return { kind: 'value', value, dims };
}

const KEY = /^([^|]+)\|([^|]*)\|(\d{1,15})\|(\{.*\})$/s;

function readTombstone(key: string | null): ValueRecord {
  const match = KEY.exec(key ?? '');
  if (match === null) return { kind: 'nothing' };
  const [, metric = '', version = '', start = '', dims = ''] = match;
  return { kind: 'tombstone', metric, version, start: Number(start), dims };
}
