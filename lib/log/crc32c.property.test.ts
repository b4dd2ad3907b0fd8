import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from '#lib/log/crc32c.ts';

/** Bit by bit, as the definition says. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('[LR15] agrees with the known checksum of %s (RFC 3720, B.4)', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test('[LR15] agrees with the definition for every range at every alignment', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(7),
        fc.nat(40),
        fc.nat(40),
        (content, shift, fromStart, fromEnd) => {
          const bytes = new Uint8Array(shift + content.length).subarray(shift);
          bytes.set(content);
          const from = Math.min(fromStart, bytes.length);
          const to = Math.max(from, bytes.length - fromEnd);
          expect(crc32c(bytes, from, to)).toBe(reference(bytes.slice(from, to)));
        },
      ),
    );
  });
});
