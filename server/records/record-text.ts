import { Buffer } from 'node:buffer';

/**
 * UTF-8 text of a range of a batch; null for an absent key or value (start −1). A Buffer view over the same memory: its native slice is
 * several times faster than TextDecoder on small ranges.
 */
export function textOf(bytes: Uint8Array, start: number, end: number): string | null {
  if (start < 0) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.toString('utf8', start, end);
}

/** The parsed text, or undefined when it is not JSON; what it means is for a schema to say. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
