import type { Fragment } from '../../record/fold.ts';
import { isEverybodys } from './rules.ts';
import { withoutWhereabouts } from './whereabouts.ts';
import type { Whereabouts } from './words.ts';

const redacted = new WeakMap<Fragment, { readonly whereabouts: Whereabouts; readonly fragment: Fragment }>();

/**
 * A fragment as it is shown of a restricted person. Its body is made when it is first asked for. Remembered per fragment and whereabouts, so that what callers
 * remember of it (by the object) holds too.
 */
export function redactedFragment(fragment: Fragment, whereabouts: Whereabouts): Fragment {
  const known = redacted.get(fragment);
  if (known?.whereabouts === whereabouts) return known.fragment;
  const copy = copyOf(fragment, whereabouts);
  redacted.set(fragment, { whereabouts, fragment: copy });
  return copy;
}

function copyOf(fragment: Fragment, whereabouts: Whereabouts): Fragment {
  const { grounds: _grounds, ...told } = Object.fromEntries(
    Object.keys(fragment).flatMap((name) => (name === 'body' ? [] : [[name, fragment[name as keyof Fragment]]])),
  ) as unknown as Omit<Fragment, 'body'>;
  let body: string | undefined;
  return {
    ...told,
    codes: shownCodes(fragment),
    get body() {
      if (body === undefined && fragment.body !== undefined) body = withoutWhereabouts(fragment.body, whereabouts);
      return body;
    },
  };
}

/** Those of a Patient are the practices; those of a source's own system are not in the body either. */
const shownCodes = ({ type, codes }: Fragment): readonly string[] =>
  type === 'Patient' ? [] : codes.filter((code) => isEverybodys(code.slice(0, code.lastIndexOf('|'))));
