import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

const eslint = new ESLint();
const problems = async (filePath: string, line: string) =>
  (await eslint.lintText(`${line}\n`, { filePath }))[0]!.messages.map((m) => m.ruleId);

/** The import rule of ARCHITECTURE.md bites: near misses of every line of it. */
test.each([
  ['lib/x.ts', "export { a } from '#server/config/a.ts';"],
  ['lib/x.ts', "export { a } from 'node:fs';"],
  ['lib/x.ts', "export { a } from 'kafkajs';"],
  ['lib/x.ts', 'export const a = Date.now();'],
  ['lib/x.ts', 'export const a = new Date();'],
  ['lib/x.ts', 'export const a = Math.random();'],
  ['lib/x.ts', 'export const a = process.cwd();'],
  ['lib/x.ts', 'setTimeout(() => undefined, 1);'],
  ['server/compute/x.ts', "export { a } from '#server/kafka/a.ts';"],
  ['server/compute/x.ts', "export { a } from '../kafka/a.ts';"],
  ['server/compute/x.ts', "export { a } from '#server/hub/a.ts';"],
  ['server/compute/x.ts', 'export const a = performance.now();'],
  ['server/hub/x.ts', "export { a } from '#server/store/a.ts';"],
  ['server/hub/x.ts', "export { a } from '#server/compute/a.ts';"],
  ['server/kafka/x.ts', "export { a } from '#server/compute/a.ts';"],
  ['server/kafka/x.ts', 'export const a = process.env;'],
  ['server/memory/x.ts', "export { a } from '#server/kafka/a.ts';"],
  ['server/ports/x.ts', "export { a } from '#server/hub/a.ts';"],
  ['server/feed/x.ts', "export { a } from '#server/kafka/a.ts';"],
  ['server/http/x.ts', "export { a } from '#components/ui/a.tsx';"],
  ['server/http/x.ts', "export { a } from 'react';"],
  ['components/ui/x.tsx', "export { a } from '#server/config/a.ts';"],
  ['components/ui/x.tsx', "export { a } from 'node:fs';"],
  ['components/panels/x-view.tsx', "export { useState } from 'react';"],
  ['components/panels/x-view.tsx', "export { a } from '#components/feed/a.ts';"],
  ['app/x.ts', "export { a } from '../server/a.ts';"],
  ['app/x.ts', "export { a } from '#server/a.ts';"],
  ['e2e/x.ts', "export { a } from '../components/a.ts';"],
  ['lib/engine/x.ts', "export { a } from '#lib/testing/a.ts';"],
  ['server/hub/x.ts', "export { a } from '#lib/testing/a.ts';"],
])('[AR1] %s may not contain %s', async (file, line) => {
  expect(await problems(file, line)).not.toEqual([]);
});

test.each([
  ['lib/x.ts', "export { z } from 'zod';"],
  ['lib/x.ts', "export { a } from '#lib/time/instant.ts';"],
  ['lib/x.ts', 'export const a = new Date(0);'],
  ['server/compute/x.ts', "export { a } from '#server/ports/a.ts';"],
  ['server/hub/x.ts', "export { a } from '#server/lifecycle/a.ts';"],
  ['server/http/x.ts', "export { a } from '#server/hub/a.ts';"],
  ['server/main.ts', "export { a } from '#server/kafka/a.ts';"],
  ['components/panels/x-view.tsx', "export { Line } from 'recharts';"],
  ['app/x.ts', "export { a } from '#components/ui/a.tsx';"],
  ['e2e/x.ts', "export { a } from '../lib/contracts/a.ts';"],
  ['lib/engine/x.test.ts', "export { a } from '#lib/testing/a.ts';"],
])('[AR1] %s may contain %s', async (file, line) => {
  expect(await problems(file, line)).toEqual([]);
});
