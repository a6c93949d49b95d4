import { refuse } from '../../../shared/fhir/outcomes.ts';
import { ORGANISATION_TAG } from '../../../shared/fhir/systems.ts';
import { type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import type { SourceFreshness } from '../looking/freshness.ts';

/** The operation, as the path names it below `Organization`. */
export const FEEDS = '$feeds';

/** `GET Organization/$feeds`: how fresh what each source tells is. It tells of organisations and of no person: whoever may read anything may read it. */
export async function feeds({ freshness }: ServeDependencies, { at, query, wanted }: ServeRequest): Promise<Told> {
  if (wanted.strict && query.length > 0) return unnoted(refuse('unknown-parameter'));
  const parameter = (await freshness.sources(at, true)).map((source) => ({ name: 'source', part: partsOf(source) }));
  const parameters: fhir4.Parameters = { resourceType: 'Parameters', parameter };
  return unnoted({ status: 200, body: JSON.stringify(parameters) });
}

const partsOf = (source: SourceFreshness): fhir4.ParametersParameter[] => {
  const { organisation, name, lastAt, everyMinutes, silence, successor } = source;
  return [
    { name: 'organisation', valueCoding: { system: ORGANISATION_TAG, code: organisation, display: name } },
    ...(lastAt === undefined ? [] : [{ name: 'last-heard', valueInstant: lastAt }]),
    ...(everyMinutes === undefined ? [] : [{ name: 'agreed-minutes', valuePositiveInt: everyMinutes }]),
    ...(silence === undefined ? [] : [{ name: 'stale-since', valueInstant: silence.due }]),
    ...(successor === undefined ? [] : [{ name: 'successor', valueCoding: { system: ORGANISATION_TAG, code: successor } }]),
  ];
};
