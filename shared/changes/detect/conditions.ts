import type { Condition } from '../row.ts';
import type { Looked } from './look.ts';
import { compilePath } from './paths.ts';

/** Whether something holds of a version. */
export type Test = (looked: Looked) => boolean;

const BUT = '* but ';

/** Makes a test of a condition: see `Condition` for what it may say. */
export function compileCondition(condition: Condition = {}): Test {
  const parts = Object.entries(condition).map(([path, wanted]): Test => {
    const read = compilePath(path);
    const holds = compileValues(wanted);
    return (looked) => holds(read(looked));
  });
  return (looked) => parts.every((part) => part(looked));
}

function compileValues(wanted: string): (values: readonly unknown[]) => boolean {
  if (wanted === '*') return (values) => values.length > 0;
  if (wanted.startsWith(BUT)) {
    const but = compileSet(wanted.slice(BUT.length));
    return (values) => values.some((value) => !but(value));
  }
  if (wanted.startsWith('!')) {
    const not = compileSet(wanted.slice(1));
    return (values) => !values.some(not);
  }
  const some = compileSet(wanted);
  return (values) => values.some(some);
}

function compileSet(text: string): (value: unknown) => boolean {
  const words = text.split(' ');
  const whole = new Set(words.filter((word) => !word.endsWith('*')));
  const stems = words.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1));
  return (value) => {
    const said = typeof value === 'boolean' ? String(value) : value;
    return typeof said === 'string' && (whole.has(said) || stems.some((stem) => said.startsWith(stem)));
  };
}
