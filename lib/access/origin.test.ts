import { expect, test } from 'vitest';
import { isLoopback, isOwnHost, isOwnOrigin } from '#lib/access/origin.ts';

const own = { port: 3000, publicHosts: ['boards.example.com', 'other.example.com:8443'] };

test.each(['localhost:3000', '127.0.0.1:3000', '127.1.2.3:3000', '[::1]:3000', 'LOCALHOST:3000'])(
  '[HT2] %s names us',
  (host) => expect(isOwnHost(host, own)).toBe(true),
);

test.each([
  undefined,
  '',
  'localhost',
  'localhost:3001',
  'localhost.evil.example:3000',
  'evil.example:3000',
  '127.0.0.1.evil.example:3000',
  '10.0.0.1:3000',
  'localhost:3000:3000',
])('[HT2] %s does not name us', (host) => expect(isOwnHost(host, own)).toBe(false));

test('[HT2] a configured public name is ours, exactly as configured', () => {
  expect(isOwnHost('boards.example.com', own)).toBe(true);
  expect(isOwnHost('Other.example.com:8443', own)).toBe(true);
  expect(isOwnHost('other.example.com', own)).toBe(false);
});

test('[HT2] port 80 may be left out', () => {
  expect(isOwnHost('localhost', { port: 80, publicHosts: [] })).toBe(true);
});

test.each([
  ['http://localhost:3000', 'localhost:3000', true],
  ['http://127.0.0.1:3000', 'localhost:3000', true],
  ['https://boards.example.com', 'boards.example.com', true],
  [undefined, 'localhost:3000', true],
  [undefined, 'boards.example.com', false],
  ['null', 'localhost:3000', false],
  ['https://evil.example', 'localhost:3000', false],
  ['https://evil.example', 'evil.example', false],
  ['http://localhost:4000', 'localhost:3000', false],
  ['http://localhost:3000@evil.example', 'localhost:3000', false],
  ['file://', 'localhost:3000', false],
])('[HT3] origin %s at host %s may act: %s', (origin, host, may) => {
  expect(isOwnOrigin(origin, host, own)).toBe(may);
});

test('loopback names and addresses are told from the others', () => {
  expect(['127.0.0.1', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(
    ['0.0.0.0', '::', '192.168.0.1', 'localhost.example', '127.0.0.1.example'].some(isLoopback),
  ).toBe(false);
});
