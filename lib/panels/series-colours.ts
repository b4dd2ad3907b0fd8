/**
 * Eight series colours per theme, told apart by normal, deuteranope and protanope eyes (pairwise ΔE76 ≥ 25), ≥ 3:1 on the panel
 * and ≥ 22 away from the state hues; series-colours.test.ts proves it (UI10). The style sheet repeats them as --s1 … --s8.
 */
export const SERIES_COLOURS = {
  light: ['#2870e0', '#a09800', '#600078', '#20a0c0', '#889868', '#603000', '#4018f8', '#504040'],
  dark: ['#58b8f4', '#f4dcb8', '#b85894', '#c4f470', '#7c64e8', '#d07c7c', '#dcdcf4', '#7c7c28'],
} as const;

/** Colours there are; the eighth is the last series of its own, what is beyond falls into "other" where adding has a meaning. */
export const SERIES_MAX = 8;
/** From this series on a dash tells it apart as well (UI10). */
const DASHED_FROM = 4;

/** How a line is drawn: the style sheet's colour, and a dash from the fifth series on. */
export const seriesInk = (index: number): { readonly colour: string; readonly dash: string } => ({
  colour: `var(--s${(index % SERIES_MAX) + 1})`,
  dash: index % SERIES_MAX >= DASHED_FROM ? '6 3' : 'none',
});

/** Hands out one colour per dimension value, so that a series looks the same on every panel of a board (UI9). */
export interface ColourBook {
  /** Index of a series; a new one gets the next index of its dimension. */
  indexOf(dimension: string, label: string): number;
}

export function createColourBook(): ColourBook {
  const known = new Map<string, Map<string, number>>();
  return {
    indexOf(dimension, label) {
      const labels = known.get(dimension) ?? new Map<string, number>();
      known.set(dimension, labels);
      const index = labels.get(label) ?? labels.size;
      labels.set(label, index);
      return index;
    },
  };
}

/** What series beyond the eighth are added into; its label carries how many, its colour does not change with that. */
const OTHER = /^other \(\d+\)$/;

/** Colours of the lines of one panel: those of the book, but never one colour twice among them. */
export function panelColours(
  book: ColourBook,
  dimension: string,
  labels: readonly string[],
): readonly number[] {
  const used = new Set<number>();
  return labels.map((label) => {
    const wanted = book.indexOf(dimension, OTHER.test(label) ? 'other' : label) % SERIES_MAX;
    const free = Array.from({ length: SERIES_MAX }, (_, step) => (wanted + step) % SERIES_MAX).find(
      (index) => !used.has(index),
    );
    const index = free ?? wanted;
    used.add(index);
    return index;
  });
}
