/** Where a command writes, and what it may use there. */
export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Problems and progress. */
  readonly err: (text: string) => void;
  /** Colours may be used (a terminal, and no NO_COLOR, see no-color.org). */
  readonly colour: boolean;
  /** A line may be written over: standard error is a terminal. */
  readonly interactive: boolean;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Paint = keyof typeof CODES;

export const paint = (terminal: Terminal, how: Paint, text: string): string =>
  terminal.colour && text !== '' ? `\u001b[${CODES[how]}m${text}\u001b[0m` : text;

/**
 * Rows as aligned columns, two spaces apart, no trailing blanks. `right` names the columns that are aligned right, for numbers. Cells must be free
 * of colour codes.
 */
export function columns(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) =>
        right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
