import { renameSync, statSync } from 'node:fs';

/** At a start: moves a file that has grown past `maxBytes` to `<file>.1`, over the one that was there. */
export function rotateFile(file: string, maxBytes: number): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) renameSync(file, `${file}.1`);
}
