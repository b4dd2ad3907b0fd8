/** Longest names are 249 characters (Kafka topics); beyond this no edit distance is worth its time. */
const MAX_LENGTH = 80;

/** Edits (insert, delete, replace, swap of neighbours) between two texts: optimal string alignment. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/**
 * The known name a person most likely meant, or null when none is near: at most a third of the letters wrong, case aside.
 * The first of equally near ones wins, so the answer does not depend on anything but the order given.
 */
export function nearest(wrong: string, known: Iterable<string>): string | null {
  if (wrong.length > MAX_LENGTH) return null;
  const lower = wrong.toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - wrong.length) >= bestDistance) continue;
    const edits = distance(lower, name.toLowerCase());
    if (edits < bestDistance) {
      best = name;
      bestDistance = edits;
    }
  }
  return best;
}

/** What to do about an unknown name: the nearest known one, else all of them while they are few, else null. */
export function suggestion(wrong: string, known: readonly string[]): string | null {
  const near = nearest(wrong, known);
  if (near !== null) return `did you mean \`${near}\`?`;
  if (known.length === 0 || known.length > 12) return null;
  return `known: ${known.join(', ')}`;
}
