/** How a board prints instants: whose zone, which language. */
export interface TimeStyle {
  readonly locale: string;
  /** IANA name, for example `Europe/Berlin`. */
  readonly zone: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(style: TimeStyle, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${style.locale}|${style.zone}|${JSON.stringify(options)}`;
  const held = formats.get(key);
  if (held !== undefined) return held;
  // The 24-hour clock everywhere: a departure board has no "PM", and widths stay put.
  const made = new Intl.DateTimeFormat(style.locale, {
    ...options,
    timeZone: style.zone,
    hourCycle: 'h23',
  });
  formats.set(key, made);
  return made;
}

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const MINUTES = { hour: '2-digit', minute: '2-digit' } as const;
const DAY = { month: 'short', day: 'numeric' } as const;

const dayOf = (at: number, style: TimeStyle): string =>
  formatOf(style, { year: 'numeric', ...DAY }).format(at);

/** `14:03:12`, with the day before it when that is not the day of `now`. Cut to the second: never later than the truth. */
export function clockText(at: number, style: TimeStyle, now: number | null = null): string {
  const time = formatOf(style, CLOCK).format(at);
  const otherDay = now !== null && dayOf(at, style) !== dayOf(now, style);
  return otherDay ? `${formatOf(style, DAY).format(at)}, ${time}` : time;
}

/** `14:03`, for axes. */
export const minuteText = (at: number, style: TimeStyle): string =>
  formatOf(style, MINUTES).format(at);

/**
 * The span of a window: `14:02–14:03` on whole minutes, `14:02:10–14:02:20` else; with the day when it is another one than now's, and with both
 * when it ends on another than it begins.
 */
export function spanText(
  span: { readonly start: number; readonly end: number },
  style: TimeStyle,
  now: number | null = null,
): string {
  const whole = span.start % 60_000 === 0 && span.end % 60_000 === 0;
  const format = formatOf(style, whole ? MINUTES : CLOCK);
  const text = `${format.format(span.start)}–${format.format(span.end)}`;
  const day = formatOf(style, DAY);
  if (dayOf(span.start, style) !== dayOf(span.end - 1, style)) {
    const [from = '', to = ''] = [span.start, span.end].map(
      (at) => `${day.format(at)}, ${format.format(at)}`,
    );
    return `${from} – ${to}`;
  }
  const otherDay = now !== null && dayOf(span.start, style) !== dayOf(now, style);
  return otherDay ? `${day.format(span.start)}, ${text}` : text;
}

/** Everything about an instant, for a hover: `Nov 23, 2026, 14:03:12 GMT+1 (Europe/Berlin)`. */
export const absoluteText = (at: number, style: TimeStyle): string =>
  `${formatOf(style, { year: 'numeric', ...DAY, ...CLOCK, timeZoneName: 'longOffset' }).format(at)} (${style.zone})`;
