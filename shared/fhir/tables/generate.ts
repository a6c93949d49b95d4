import { writeFileSync } from 'node:fs';
import { codeRows } from './code-rows.ts';
import { readDefinitions } from './definitions.ts';
import { elementRows } from './element-rows.ts';
import { primitiveRows } from './primitive-rows.ts';
import { searchParameterRows } from './search-rows.ts';
import { structureRows } from './structure-rows.ts';

/** The generated files and their text: one line per row, so that a new version of the definitions reads as a diff. */
export function generateTables(): Record<string, string> {
  const definitions = readDefinitions();
  return {
    'structure.json': oneLinePerRow(structureRows(definitions)),
    'codes.json': oneLinePerRow(codeRows(definitions)),
    'primitives.json': oneLinePerRow(primitiveRows(definitions)),
    'elements.json': oneLinePerRow(elementRows(definitions)),
    'search-parameters.json': oneLinePerRow(searchParameterRows(definitions)),
  };
}

const oneLinePerRow = (table: Readonly<Record<string, unknown>>): string =>
  `{\n${Object.entries(table)
    .map(([name, row]) => `${JSON.stringify(name)}: ${JSON.stringify(row)}`)
    .join(',\n')}\n}\n`;

if (import.meta.main) {
  for (const [file, text] of Object.entries(generateTables()))
    writeFileSync(new URL(`./generated/${file}`, import.meta.url), text);
}
