import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One cell of a table of cases: what a row and a column say together, and which rules decide it. */
export interface Cell {
  /** The heading under which its table stands; that of the page where there is none. */
  readonly heading: string;
  /** First column of its row, and the head of its column. */
  readonly row: string;
  readonly column: string;
  /** Ids of the rules that decide, sorted; none: denied because no rule allows it. */
  readonly rules: readonly string[];
}

/** Every cell of every table of a page (GitHub's Markdown, section 4.10), in order. */
export function cellsOf(page: string): readonly Cell[] {
  const cells: Cell[] = [];
  let heading = '';
  let head: readonly string[] | undefined;
  for (const line of readFileSync(join(import.meta.dirname, page), 'utf8').split('\n')) {
    heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
    if (!line.startsWith('|')) {
      head = undefined;
      continue;
    }
    const [row = '', ...columns] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (head === undefined) head = columns;
    else if (!/^-+$/.test(row))
      cells.push(...columns.map((cell, index) => ({ heading, row, column: head![index]!, rules: rulesIn(cell) })));
  }
  return cells;
}

const rulesIn = (cell: string): readonly string[] => (cell === '-' ? [] : cell.split(' + ').sort());
