import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { AppError } from '#lib/errors/app-error.ts';

export interface DefinitionFile {
  /** Relative to the working folder where it lies inside it: what problems are reported under. */
  readonly name: string;
  readonly text: string;
}

const isDefinition = (name: string): boolean => /\.(ya?ml|json)$/i.test(name);

/** The definition files of some files and folders, folders with all below them, each file once, by name. Throws `definition/invalid`. */
export async function readDefinitionFiles(
  paths: readonly string[],
  cwd: string,
): Promise<readonly DefinitionFile[]> {
  const found = new Set<string>();
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const kind = await stat(absolute).catch(() => null);
    if (kind === null)
      throw new AppError('definition/invalid', `There is no file or folder ${path}.`);
    if (!kind.isDirectory()) {
      found.add(absolute);
      continue;
    }
    const inside = (await readdir(absolute, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && isDefinition(entry.name),
    );
    if (inside.length === 0)
      throw new AppError(
        'definition/invalid',
        `The folder ${path} has no definition files (.yaml, .yml or .json).`,
      );
    for (const entry of inside) found.add(join(entry.parentPath, entry.name));
  }
  return Promise.all(
    [...found].sort().map(async (file) => {
      const near = relative(cwd, file);
      return { name: near.startsWith('..') ? file : near, text: await readFile(file, 'utf8') };
    }),
  );
}
