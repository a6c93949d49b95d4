import type { Definitions } from './definitions.ts';

const REGEX = 'http://hl7.org/fhir/StructureDefinition/regex';

/** The form of each primitive type, as the definitions give it (empty: they give none). */
export const primitiveRows = ({ structures }: Definitions): Record<string, string> =>
  Object.fromEntries(
    structures
      .filter(({ kind }) => kind === 'primitive-type')
      .map(({ type, snapshot }) => {
        const value = snapshot?.element.find(({ path }) => path === `${type}.value`);
        return [type, value?.type?.[0]?.extension?.find(({ url }) => url === REGEX)?.valueString ?? ''];
      }),
  );
