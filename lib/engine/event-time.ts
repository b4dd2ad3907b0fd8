import type { EventTimeSpec } from '#lib/definitions/schema.ts';

/** RFC 3339 with an offset: a local time without one would need a zone nobody stated. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
/** Year 9999; later instants are slips of a unit (micro- or nanoseconds), not times. */
const LATEST = 253_402_300_799_999;

/** Epoch ms of an RFC 3339 text, fractions cut to milliseconds; null when it is none or names no real day. */
export function parseIso8601(text: string): number | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const h = Number(hour);
  const mi = Number(minute);
  const s = Number(second);
  if (h > 23 || mi > 59 || s > 59) return null;
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), h, mi, s, millis);
  // Date.UTC carries 31 February into March; a day that moved was no day.
  const check = new Date(local);
  if (check.getUTCMonth() !== Number(month) - 1 || check.getUTCDate() !== Number(day)) return null;
  if (zone === 'Z') return local;
  const zoneHours = Number(zone.slice(1, 3));
  const zoneMinutes = Number(zone.slice(4, 6));
  if (zoneHours > 18 || zoneMinutes > 59) return null;
  const offset = (zoneHours * 60 + zoneMinutes) * 60_000;
  return zone.startsWith('-') ? local + offset : local - offset;
}

/**
 * Event time of a record in epoch ms (the producer's claim), or null when the record gives none that can be read.
 *
 * @param recordTimestamp the Kafka timestamp, used where the stream says `eventTime: record`
 */
export function eventTimeOf(
  spec: EventTimeSpec,
  raw: Readonly<Record<string, unknown>>,
  recordTimestamp: number,
): number | null {
  if (spec.as === 'record') return recordTimestamp >= 0 ? recordTimestamp : null;
  const value = Object.hasOwn(raw, spec.field) ? raw[spec.field] : null;
  if (spec.as === 'iso8601') {
    const at = typeof value === 'string' ? parseIso8601(value) : null;
    return at !== null && at >= 0 ? at : null;
  }
  const number =
    typeof value === 'string' && /^\d{1,16}(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  const at = Math.floor(spec.as === 'epoch-s' ? number * 1_000 : number);
  return at >= 0 && at <= LATEST ? at : null;
}
