import type { Measurement } from './measure.ts';

/** A figure without a rate: bytes, units, milliseconds. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the project promises, in words. */
  readonly promise?: string;
}

/** Everything that one run of the bench found. */
export interface Report {
  readonly machine: { readonly node: string; readonly cores: number; readonly cpu: string };
  readonly measured: readonly Measurement[];
  readonly floor: readonly Measurement[];
  readonly figures: readonly Figure[];
}

/** What the system promises of each operation, on two busy cores. */
const PROMISES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'load bundles (fragments/s)': { 1: '≥ 5,000/s' },
  'create one fragment': { 16: '≥ 350/s' },
  'update one fragment': { 16: '≥ 400/s' },
  'read by id, audited': { 16: '≥ 450/s' },
  'whole record of 500, audited': { 1: '≤ 10 ms', 16: '≥ 220/s' },
  'search in a record of 500, audited': { 16: '≥ 250/s' },
};

/** The report as tables for people. */
export function reportText({ machine, measured, floor, figures }: Report): string {
  const lines = [
    `Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}`,
    '',
    table([HEAD, ...measured.map((row) => [...rowOf(row), PROMISES[row.operation]?.[row.atOnce] ?? ''])]),
    '',
    'The floor: the raw engine through the raw SDK, in the same run',
    table([HEAD.slice(0, -1), ...floor.map((row) => [...rowOf(row)])]),
    '',
    table([
      ['figure', 'value', 'promise'],
      ...figures.map(({ name, value, unit, promise = '' }) => [name, `${number(value)} ${unit}`, promise]),
    ]),
  ];
  return lines.join('\n');
}

const HEAD = ['operation', 'at once', 'per second', 'p50 ms', 'p99 ms', 'CPU ms/op', 'promise'];

const rowOf = ({ operation, atOnce, perSecond, p50Ms, p99Ms, cpuMsPerOperation }: Measurement): string[] => [
  operation,
  String(atOnce),
  number(perSecond),
  number(p50Ms),
  number(p99Ms),
  cpuMsPerOperation === undefined ? '' : number(cpuMsPerOperation),
];

const number = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: value < 100 ? 2 : 0 });

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '),
    )
    .join('\n');
}
