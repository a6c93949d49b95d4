import type { Directory } from '../../directory/directory.ts';

/** Organisations by internal id, or by an ODS or GSS code that any of them has or had. */
export function organisationsNamed({ organisations }: Directory, name: string): readonly string[] {
  const code = name.toUpperCase();
  return organisations
    .filter(({ id, codes }) => id === name || codes.some(({ value }) => value.value.toUpperCase() === code))
    .map(({ id }) => id);
}
