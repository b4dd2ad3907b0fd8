import type { MetricFace } from '#lib/contracts/feed.ts';
import type { MetricNumber } from '#lib/contracts/metric-record.ts';

/** A number in three pieces, so that the unit can be smaller than the digits. */
export interface NumberText {
  readonly before: string;
  readonly digits: string;
  readonly after: string;
}

/** `full` keeps every digit that matters, `plain` drops decimals, `short` is 12.4K, `tick` is `full` without needless zeros. */
export type NumberLength = 'full' | 'plain' | 'short' | 'tick';

const CURRENCY_OF: Readonly<Record<string, string>> = {
  '€': 'EUR',
  $: 'USD',
  '£': 'GBP',
  '¥': 'JPY',
};
/** Units of time and weight that stand behind the number as they are; also any other word. */
const ISO_CURRENCY = /^[A-Z]{3}$/;

type Shape = Pick<MetricFace, 'unit' | 'measure'>;

export const currencyOf = (unit: string | null): string | null =>
  unit === null ? null : (CURRENCY_OF[unit] ?? (ISO_CURRENCY.test(unit) ? unit : null));

/** A ratio in percent travels as a fraction (0.0342) and is shown times hundred. */
const isFraction = (shape: Shape): boolean => shape.unit === 'percent' && shape.measure === 'ratio';

function decimalsOf(shape: Shape, magnitude: number): number {
  if (shape.measure === 'count') return 0;
  if (currencyOf(shape.unit) !== null) return magnitude >= 10_000 ? 0 : 2;
  if (magnitude >= 1_000) return 0;
  if (magnitude >= 100) return 1;
  return magnitude >= 1 || magnitude === 0 ? 2 : 4;
}

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale}|${JSON.stringify(options)}`;
  const held = formats.get(key);
  if (held !== undefined) return held;
  const made = new Intl.NumberFormat(locale, options);
  formats.set(key, made);
  return made;
}

function optionsOf(shape: Shape, magnitude: number, size: NumberLength): Intl.NumberFormatOptions {
  const currency = currencyOf(shape.unit);
  const style: Intl.NumberFormatOptions = isFraction(shape)
    ? { style: 'percent' }
    : currency === null
      ? {}
      : { style: 'currency', currency, currencyDisplay: 'narrowSymbol' };
  if (size === 'short' && magnitude >= 1_000)
    return { ...style, notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 };
  const shownMagnitude = isFraction(shape) ? magnitude * 100 : magnitude;
  const decimals = size === 'plain' ? 0 : decimalsOf(shape, shownMagnitude);
  // Money keeps its two decimals; elsewhere trailing zeros say nothing.
  const fixed = currency !== null && size !== 'tick' ? decimals : 0;
  return { ...style, maximumFractionDigits: decimals, minimumFractionDigits: fixed };
}

/**
 * A metric's number in the viewer's language (UI6). Decimals come as strings and go to Intl as strings, which formats them exactly
 * (ECMA-402, Intl.NumberFormat v3). Null is the dash of an unknown number.
 */
export function formatNumber(
  value: MetricNumber,
  shape: Shape,
  locale: string,
  size: NumberLength = 'full',
): NumberText {
  if (value === null) return { before: '', digits: '–', after: '' };
  const format = formatOf(locale, optionsOf(shape, Math.abs(Number(value)), size));
  // Intl takes decimal texts; TypeScript's type wants them as literals.
  const parts = format.formatToParts(value as number);
  const isSign = (type: string) => type === 'currency' || type === 'percentSign';
  const first = parts.findIndex((part) => part.type === 'integer');
  const text = (from: number, to: number, signs: boolean) =>
    parts
      .slice(from, to)
      .filter((part) => isSign(part.type) === signs)
      .map((part) => part.value)
      .join('')
      .trim();
  const minus = parts.some((part) => part.type === 'minusSign') ? '−' : '';
  const own =
    shape.unit === null || currencyOf(shape.unit) !== null || isFraction(shape)
      ? ''
      : shape.unit === 'percent'
        ? '%'
        : shape.unit;
  return {
    before: text(0, first, true),
    digits: minus + text(first, parts.length, false),
    after: text(first, parts.length, true) || own,
  };
}

/** The same as one line, for titles, legends and tooltips. */
export function numberLine(
  value: MetricNumber,
  shape: Shape,
  locale: string,
  size: NumberLength = 'full',
): string {
  const { before, digits, after } = formatNumber(value, shape, locale, size);
  return `${before === '' ? '' : `${before} `}${digits}${after === '' ? '' : ` ${after}`}`;
}

/** From here on an axis prints 12.4K. */
const AXIS_SHORT = 10_000;

/** For axes: short, and without a unit that every tick would repeat; percent and currency stay, they are one character. */
export function axisText(value: number, shape: Shape, locale: string): string {
  const size = Math.abs(value) >= AXIS_SHORT ? 'short' : 'tick';
  const { before, digits, after } = formatNumber(value, shape, locale, size);
  return `${before}${digits}${after === '%' ? ' %' : ''}`;
}

/** A count of records or events in the viewer's language. */
export const countText = (count: number, locale: string): string =>
  formatOf(locale, {}).format(count);
