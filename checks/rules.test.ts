import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Ids are two letters and a number; SPEC.md lists each as `- **XX1** …`. */
const RULE = /^- \*\*([A-Z]{2}\d+)\*\* /gm;
const TITLE = /\[([A-Z]{2}\d+(?:, ?[A-Z]{2}\d+)*)\]/g;

const rules = new Set(
  [...readFileSync('SPEC.md', 'utf8').matchAll(RULE)].map(([, id]) => id ?? ''),
);
const files = globSync([
  '{lib,server,components,checks,e2e}/**/*.{test.ts,test.tsx,contract.ts,spec.ts}',
]);
const tested = new Set(
  files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(TITLE)].flatMap(([, ids]) => (ids ?? '').split(/, ?/)),
  ),
);

test('[AR2] every rule of SPEC.md has a test whose title carries its id', () => {
  expect([...rules].filter((id) => !tested.has(id))).toEqual([]);
  expect(rules.size).toBeGreaterThan(50);
});

test('[AR2] every id in a test title is a rule of SPEC.md', () => {
  expect([...tested].filter((id) => !rules.has(id))).toEqual([]);
});
