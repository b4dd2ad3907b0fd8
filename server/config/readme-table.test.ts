import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsTable } from './settings-table.ts';

const MARKED = /<!-- settings -->\n+([^]*?)\n+<!-- \/settings -->/;

test('[CF4] the table of settings in the README is the generated one', () => {
  expect(MARKED.exec(readFileSync('README.md', 'utf8'))?.[1]).toBe(settingsTable());
});
