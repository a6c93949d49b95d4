import type { CloudEvent } from './inbox.ts';

/** A FHIR resource as far as it is put into words here. */
type Resource = Readonly<Record<string, unknown>>;

/** `uk.chesil.admission-cancelled.1` → `admission cancelled` */
export const kindOf = (type: string): string =>
  type
    .replace(/^uk\.chesil\./, '')
    .replace(/\.\d+$/, '')
    .replaceAll('-', ' ');

/** A person is told by the beginning of their opaque id: whoever reads a screen over a shoulder learns nobody's number. */
const personOf = ({ subject }: CloudEvent): string => (subject === undefined ? 'nobody' : `person ${subject.slice(0, 8)}…`);

/** A line that says what was heard, and what was found where it pointed. */
export function lineOf(number: number, event: CloudEvent, found: string): string {
  const from = event.contributor === undefined ? '' : `, told by ${event.contributor}`;
  return `${timeOf(event.time)}  #${number}  ${kindOf(event.type)}: ${personOf(event)}${from}. ${found}`;
}

const timeOf = (instant: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', timeStyle: 'medium' }).format(new Date(instant));

/** What a fragment says, as short as it can be said: no names, no numbers, no addresses. */
export function describe(resource: Resource): string {
  const { resourceType, status } = resource;
  const about = [
    textAt(resource, 'class', 'display'),
    ...['type', 'code', 'medicationCodeableConcept', 'vaccineCode'].map((element) => conceptAt(resource[element])),
    textAt(resource, 'title'),
  ].filter((text) => text !== undefined);
  const since = textAt(resource, 'period', 'start') ?? textAt(resource, 'effectiveDateTime') ?? textAt(resource, 'start');
  const until = textAt(resource, 'period', 'end');
  return [
    [resourceType, status].filter(Boolean).join(', '),
    ...(about.length === 0 ? [] : [about.join(', ')]),
    ...(since === undefined ? [] : [`since ${since}${until === undefined ? '' : ` until ${until}`}`]),
  ].join('; ');
}

function textAt(resource: Resource, ...path: string[]): string | undefined {
  const found = path.reduce<unknown>((within, name) => (within as Resource | undefined)?.[name], resource);
  return typeof found === 'string' ? found : undefined;
}

/** The words of a CodeableConcept, or of the first of a list of them. */
function conceptAt(element: unknown): string | undefined {
  const first = (Array.isArray(element) ? element[0] : element) as
    | { readonly text?: string; readonly coding?: readonly { readonly display?: string }[] }
    | undefined;
  return first?.text ?? first?.coding?.find(({ display }) => display !== undefined)?.display;
}
