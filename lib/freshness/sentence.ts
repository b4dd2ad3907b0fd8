/**
 * One piece of a sentence about freshness. Instants and lengths stay numbers, so that the view prints them in the viewer's
 * zone and language.
 */
export type SentencePart =
  | { readonly kind: 'text'; readonly text: string }
  /** An instant of the cluster's clock. */
  | { readonly kind: 'instant'; readonly at: number }
  /** A length of time in ms; printed rounded up, because an age may never look smaller than it is. */
  | { readonly kind: 'length'; readonly ms: number }
  /** A length somebody promised, in ms; printed as it was written. */
  | { readonly kind: 'promise'; readonly ms: number }
  /** A number of records. */
  | { readonly kind: 'count'; readonly count: number };

export type Sentence = readonly SentencePart[];

export const instant = (at: number): SentencePart => ({ kind: 'instant', at });
export const length = (ms: number): SentencePart => ({ kind: 'length', ms });
export const promise = (ms: number): SentencePart => ({ kind: 'promise', ms });
export const count = (value: number): SentencePart => ({ kind: 'count', count: value });

/** Template tag: `` sentence`no event since ${instant(at)}` ``. Strings among the values become text. */
export function sentence(
  texts: TemplateStringsArray,
  ...values: readonly (SentencePart | string)[]
): Sentence {
  const parts: SentencePart[] = [];
  texts.forEach((text, index) => {
    if (text !== '') parts.push({ kind: 'text', text });
    const value = values[index];
    if (value === undefined) return;
    parts.push(typeof value === 'string' ? { kind: 'text', text: value } : value);
  });
  return parts;
}
