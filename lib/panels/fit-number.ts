import type { NumberText } from './number-format.ts';

/** Advance of a tabular figure of Geist at weight 600, and of a small unit, in shares of the font size (measured). */
const FIGURE = 0.61;
const UNIT = 0.27;
/** The trend and its distance; given up before the number is. */
const SPARK_PX = 128;
const PADDING_PX = 26;

const widthOf = (text: NumberText, fontPx: number): number =>
  (text.digits.length * FIGURE + (text.before.length + text.after.length) * UNIT + 0.2) * fontPx;

export interface Fit {
  /** Index into the texts, longest first. */
  readonly text: number;
  readonly spark: boolean;
}

/**
 * Which text of a number fits a panel of `panelPx`, longest first: decimals go first, then the trend, then full digits (UI6):
 * a number never wraps and is never cut.
 */
export function fitNumber(
  texts: readonly [NumberText, NumberText, NumberText],
  panelPx: number,
  fontPx: number,
): Fit {
  const room = panelPx - PADDING_PX;
  const [full, plain] = texts;
  if (widthOf(full, fontPx) + SPARK_PX <= room) return { text: 0, spark: true };
  if (widthOf(plain, fontPx) + SPARK_PX <= room) return { text: 1, spark: true };
  if (widthOf(plain, fontPx) <= room) return { text: 1, spark: false };
  return { text: 2, spark: false };
}
