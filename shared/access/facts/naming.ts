import type { Directory } from '../../directory/directory.ts';

/** The organisation, as it stands at an instant, that an identifier `system|value` of a ground names; `undefined` when it takes no part here. */
export function organisationNamed(name: string, directory: Directory, at: string): string | undefined {
  const bar = name.indexOf('|');
  return directory.byCode({ system: name.slice(0, bar), value: name.slice(bar + 1) }, at)?.id;
}
