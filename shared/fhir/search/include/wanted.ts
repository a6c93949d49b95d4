import { type ParameterType, parametersOf, type SimpleParameter } from '../parameters.ts';
import type { Inclusion } from '../plan.ts';

type ReferenceParameter = SimpleParameter<'reference'>;

/** A reference of a type that inclusions ask for. */
export interface WantedReference {
  readonly reference: ReferenceParameter;
  /** Types that it may lead to; `undefined`: any. */
  readonly targets: ReadonlySet<string> | undefined;
}

/** By type, the references that inclusions ask for: each once, however many inclusions ask for it. */
export type WantedReferences = (type: string) => readonly WantedReference[];

/** Merges inclusions, so that the work follows the references of a record and not the length of a request. */
export function wantedReferences(inclusions: readonly Inclusion[]): WantedReferences {
  const byType = new Map<string, readonly WantedReference[]>();
  return (type) => {
    let wanted = byType.get(type);
    if (wanted === undefined) {
      wanted = wantedOf(type, inclusions);
      byType.set(type, wanted);
    }
    return wanted;
  };
}

/** In the order in which they were asked for. */
function wantedOf(type: string, inclusions: readonly Inclusion[]): readonly WantedReference[] {
  const asked = inclusions.filter(({ source }) => source === undefined || source === type);
  if (asked.length === 0) return [];
  return referencesOf(type)
    .flatMap((reference) => {
      const own = asked.filter(({ parameter }) => parameter === undefined || parameter === reference.code);
      return own.length === 0 ? [] : [{ place: asked.indexOf(own[0]!), reference, targets: targetsOf(own) }];
    })
    .sort((one, other) => one.place - other.place);
}

function targetsOf(inclusions: readonly Inclusion[]): ReadonlySet<string> | undefined {
  const targets = inclusions.map(({ target }) => target);
  return targets.includes(undefined) ? undefined : new Set(targets as string[]);
}

const referencesByType = new Map<string, readonly ReferenceParameter[]>();

function referencesOf(type: string): readonly ReferenceParameter[] {
  let references = referencesByType.get(type);
  if (references === undefined) {
    references = [...parametersOf(type).values()].filter(
      (parameter): parameter is ReferenceParameter => (parameter.type as ParameterType) === 'reference',
    );
    referencesByType.set(type, references);
  }
  return references;
}
