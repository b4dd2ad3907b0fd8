import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { colourDifference, contrastRatio, type Eyes } from './colour-difference.ts';
import { createColourBook, panelColours, SERIES_COLOURS, seriesInk } from './series-colours.ts';

const tokens = readFileSync(new URL('../../components/ui/tokens.css', import.meta.url), 'utf8');
/** `--name: light-dark(#light, #dark)` of the style sheet. */
const token = (name: string, theme: 'light' | 'dark'): string => {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(
    tokens,
  );
  if (found === null) throw new Error(`tokens.css has no --${name}`);
  return found[theme === 'light' ? 1 : 2]!;
};
const HUES = ['live', 'late', 'stale', 'blocked', 'replay'];
const THEMES = ['light', 'dark'] as const;

test.each(THEMES)(
  '[UI10] %s: series colours are told apart by normal, deutan and protan eyes',
  (theme) => {
    const colours = SERIES_COLOURS[theme];
    for (const eyes of ['normal', 'deutan', 'protan'] satisfies Eyes[])
      colours.forEach((a, i) =>
        colours.slice(i + 1).forEach((b) => {
          expect(colourDifference(a, b, eyes), `${a} ${b} ${eyes}`).toBeGreaterThanOrEqual(25);
        }),
      );
  },
);

test.each(THEMES)(
  '[UI10] %s: series colours reach 3:1 on the panel and keep away from state hues',
  (theme) => {
    for (const colour of SERIES_COLOURS[theme]) {
      expect(contrastRatio(colour, token('panel', theme)), colour).toBeGreaterThanOrEqual(3);
      for (const hue of HUES)
        expect(
          colourDifference(colour, token(hue, theme)),
          `${colour} ${hue}`,
        ).toBeGreaterThanOrEqual(22);
    }
  },
);

test.each(THEMES)('[UI10] %s: the style sheet has the proven colours', (theme) => {
  expect(SERIES_COLOURS[theme].map((_, i) => token(`s${i + 1}`, theme))).toEqual(
    SERIES_COLOURS[theme],
  );
});

test.each(THEMES)(
  '[UI13] %s: state words reach 4.5:1 on panel and pill, hatches and edges 3:1',
  (theme) => {
    for (const name of ['late', 'stale', 'blocked', 'unknown', 'replay'])
      for (const ground of ['panel', `${name}-bg`])
        expect(
          contrastRatio(token(name, theme), token(ground, theme)),
          `${name} on ${ground}`,
        ).toBeGreaterThanOrEqual(4.5);
    for (const name of ['ink', 'ink2', 'ink3'])
      for (const ground of ['panel', 'bg', 'line2'])
        expect(
          contrastRatio(token(name, theme), token(ground, theme)),
          `${name} on ${ground}`,
        ).toBeGreaterThanOrEqual(4.5);
    for (const name of ['live', 'hatch'])
      expect(contrastRatio(token(name, theme), token('panel', theme)), name).toBeGreaterThanOrEqual(
        3,
      );
  },
);

test('[UI9] a series keeps its colour on every panel of a board, whatever else is there', () => {
  const book = createColourBook();
  expect(panelColours(book, 'provider', ['adyen', 'stripe'])).toEqual([0, 1]);
  expect(panelColours(book, 'provider', ['paypal', 'stripe'])).toEqual([2, 1]);
  expect(panelColours(book, 'region', ['eu'])).toEqual([0]);
});

test('[UI9] no colour stands twice in one panel, also when more than eight were seen', () => {
  const book = createColourBook();
  panelColours(book, 'p', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  expect(panelColours(book, 'p', ['a', 'i'])).toEqual([0, 1]);
});

test('[UI10] from the fifth series on a dash tells as well', () => {
  expect(seriesInk(3).dash).toBe('none');
  expect(seriesInk(4).dash).not.toBe('none');
});
