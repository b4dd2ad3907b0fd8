import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the pages are made of. */
const SOURCES = [
  'app',
  'components',
  'lib',
  'public',
  'next.config.js',
  'postcss.config.mjs',
  'package-lock.json',
];
/** Folders whose very list of files matters: a page that is deleted leaves no newer file behind. */
const LISTED = new Set(['app', 'public']);
/** Not in the build, or written by it. */
const IGNORED =
  /\.(test|contract)\.tsx?$|\.tsbuildinfo$|(^|\/)(tsconfig\.json|next-env\.d\.ts|testing)$/;

/** Whether the build under `.next` is missing or older than one of its sources, by file times. */
export async function needsBuild(root: string): Promise<boolean> {
  const built = await changedAt(buildIdOf(root));
  if (built === null) return true;
  for (const source of SOURCES) if ((await newestIn(root, source)) > built) return true;
  return false;
}

export const buildIdOf = (root: string): string => join(root, '.next', 'BUILD_ID');

/** The newest change below a path; 0 when there is nothing. */
async function newestIn(root: string, path: string): Promise<number> {
  if (IGNORED.test(path)) return 0;
  const info = await stat(join(root, path)).catch(() => null);
  if (info === null) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  let newest = LISTED.has(path.split('/')[0] ?? '') ? info.mtimeMs : 0;
  for (const name of await readdir(join(root, path)))
    newest = Math.max(newest, await newestIn(root, `${path}/${name}`));
  return newest;
}

const changedAt = async (file: string): Promise<number | null> =>
  (await stat(file).catch(() => null))?.mtimeMs ?? null;
