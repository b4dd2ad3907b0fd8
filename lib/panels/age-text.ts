const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

interface Scaled {
  readonly digits: string;
  readonly unit: string;
}

/** Rounded up, so that a printed age is never smaller than the age (SEMANTICS 4.4). One decimal below ten of a unit. */
function ceilIn(ms: number, unitMs: number): string {
  const tenths = Math.ceil(Number(((ms / unitMs) * 10).toFixed(6)));
  return tenths < 100 ? (tenths / 10).toFixed(1) : String(Math.ceil(tenths / 10));
}

/** A promise is printed as it was written: 30, not 30.0. */
const plain = (ms: number, unitMs: number): string => String(Number((ms / unitMs).toFixed(1)));

function unitOf(ms: number): readonly [number, string] {
  if (ms < 100 * SECOND) return [SECOND, 's'];
  if (ms < 100 * MINUTE) return [MINUTE, 'min'];
  if (ms < 48 * HOUR) return [HOUR, 'h'];
  return [DAY, 'd'];
}

function scaled(ms: number): Scaled {
  const [unitMs, unit] = unitOf(ms);
  return { digits: ceilIn(ms, unitMs), unit };
}

/** An age such as `1.3 s`, `41 s`, `6.1 min`; rounded up (UI7). */
export function ageText(ms: number): string {
  const { digits, unit } = scaled(ms);
  return `${digits} ${unit}`;
}

const PROMISE_UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
] as const;

/** A promised length such as `30 s`, `2 min`, `1 h`, in the largest unit that keeps it whole. */
export function promiseText(ms: number): string {
  const [unitMs, unit] = PROMISE_UNITS.find(([size]) => ms >= size && ms % size === 0) ?? [
    SECOND,
    's',
  ];
  return `${plain(ms, unitMs)} ${unit}`;
}

/** Age beside its promise: `1.3 / 30 s`, `6.1 / 1 min`, `41 s / 1 min`; the age alone where nothing is promised. */
export function ageOverTarget(ageMs: number | null, targetMs: number | null): string {
  if (ageMs === null) return targetMs === null ? '' : `– / ${promiseText(targetMs)}`;
  if (targetMs === null) return ageText(ageMs);
  const age = scaled(ageMs);
  const promise = promiseText(targetMs);
  return promise.endsWith(` ${age.unit}`)
    ? `${age.digits} / ${promise}`
    : `${age.digits} ${age.unit} / ${promise}`;
}

/** A hop's length: `0.4 ms`, `12 ms`, `1.2 s`; a negative one is clock skew and shown as it is. */
export function hopText(ms: number): string {
  const size = Math.abs(ms);
  const text =
    size < 10 ? `${size.toFixed(1)} ms` : size < SECOND ? `${Math.round(size)} ms` : ageText(size);
  return ms < 0 ? `−${text}` : text;
}

/** A compared distance in words: "an hour earlier". */
export function earlierText(ms: number): string {
  if (ms === HOUR) return 'an hour earlier';
  if (ms === DAY) return 'a day earlier';
  if (ms === 7 * DAY) return 'a week earlier';
  return `${promiseText(ms)} earlier`;
}
