import { expect, test } from 'vitest';
import { instantParam } from '#server/http/instant-param.ts';

const NOW = 1_800_000_000_000;

test.each([
  ['now', NOW],
  ['1700000000000', 1_700_000_000_000],
  ['0', 0],
  ['-1h', NOW - 3_600_000],
  ['-250ms', NOW - 250],
  ['2027-01-15', 1_799_971_200_000],
  ['2027-01-15T08:00:00Z', NOW],
  ['2027-01-15T08:00', NOW],
  ['2027-01-15T09:00:00.000+01:00', NOW],
])('[HT8] %s is understood', (text, at) => expect(instantParam('from', text, NOW)).toBe(at));

test.each(['', 'yesterday', '1h', '-1y', '2027-13-45', '12.5', '-5', '1969-12-31'])(
  '[HT8] %s is refused with the parameter named',
  (text) => expect(() => instantParam('from', text, NOW)).toThrow('"from" is not an instant'),
);
