import type { Sentence } from '#lib/freshness/sentence.ts';
import { ageText, promiseText } from './age-text.ts';
import { countText } from './number-format.ts';
import { clockText, type TimeStyle } from './time-format.ts';

/** A sentence about freshness in the viewer's zone and language. `now` decides whether an instant needs its day. */
export function sentenceText(sentence: Sentence, style: TimeStyle, now: number | null): string {
  return sentence
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'instant') return clockText(part.at, style, now);
      if (part.kind === 'promise') return promiseText(part.ms);
      return part.kind === 'length' ? ageText(part.ms) : countText(part.count, style.locale);
    })
    .join('');
}
