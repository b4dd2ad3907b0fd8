import type { MetricFace } from '#lib/contracts/feed.ts';
import { earlierText } from './age-text.ts';
import type { Comparison } from './comparison.ts';
import { numberLine } from './number-format.ts';

/** A change in words: `▲ 9 %`, `better`, `than an hour earlier`. Ink, not colour: colour belongs to freshness. */
export interface DeltaText {
  readonly arrow: '▲' | '▼' | '=';
  readonly amount: string;
  readonly verdict: string;
  readonly against: string;
  /** The compared number, for the hover. */
  readonly title: string;
}

const percent = (ratio: number, locale: string): string => {
  const share = Math.abs(ratio) * 100;
  const digits = share >= 10 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(share)} %`;
};

/** Points for a percentage, a share of the earlier number for the rest, the plain difference where that was zero (UI3). */
export function deltaText(
  comparison: Comparison,
  face: Pick<MetricFace, 'unit' | 'measure'>,
  locale: string,
): DeltaText {
  const { direction, change, ratio } = comparison;
  const size = Math.abs(change);
  const points = face.unit === 'percent';
  const amount =
    direction === 'same'
      ? ''
      : points
        ? `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(size * (face.measure === 'ratio' ? 100 : 1))} pt`
        : ratio === null
          ? numberLine(size, face, locale)
          : percent(ratio, locale);
  const against = earlierText(comparison.compareMs);
  return {
    arrow: direction === 'same' ? '=' : direction === 'up' ? '▲' : '▼',
    amount,
    verdict: comparison.verdict ?? '',
    against: direction === 'same' ? `the same as ${against}` : `than ${against}`,
    title: `${numberLine(comparison.before, face, locale)} ${against}`,
  };
}
