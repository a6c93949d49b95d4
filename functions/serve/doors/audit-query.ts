import { withoutRepeats } from '../../../shared/fhir/answers/query-parameters.ts';
import { type Issue, isRefusal, type Refusal, refuse, refuseAll } from '../../../shared/fhir/outcomes.ts';
import { unescaped } from '../../../shared/fhir/search/matching/escaping.ts';
import { dateRange, splitPrefix } from '../../../shared/fhir/search/matching/ranges.ts';
import { personChoice } from '../../../shared/fhir/search/person.ts';
import type { PersonSelector } from '../../../shared/fhir/search/plan.ts';
import { isOrganisationId } from '../../../shared/record/identity.ts';
import type { AuditSpan } from '../../../shared/store/audit-reads.ts';

/** Which looks are asked for. */
export interface AuditQuery extends Pick<AuditSpan, 'from' | 'until'> {
  readonly person?: PersonSelector;
  /** As `Viewer.staff`. */
  readonly staff?: string;
  readonly organisation?: string;
  readonly count: number;
  /** Parameters that were taken into account, the person's aside. */
  readonly applied: readonly (readonly [string, string])[];
  readonly ignored: readonly Issue[];
}

const DEFAULT_COUNT = 50;
const MAX_COUNT = 100;

type Reading = Partial<Pick<AuditQuery, 'person' | 'staff' | 'organisation' | 'from' | 'until' | 'count'>>;

/**
 * Reads a search of the audit: `patient` or `entity` (also by identifier), `agent` (a member of staff as `<provider>|<id>`, or an organisation by its id; also as
 * `agent:identifier=urn:chesil:staff|…`), `date`, `_count`. The newest come first, and `_sort` may say so.
 */
export function parseAuditQuery(
  query: readonly (readonly [string, string])[],
  { strict, at }: { readonly strict: boolean; readonly at: string },
): AuditQuery | Refusal {
  let read: Reading = {};
  const applied: (readonly [string, string])[] = [];
  const wrong: Issue[] = [];
  const ignored: Issue[] = [];
  for (const [name, value] of withoutRepeats(query)) {
    const reading = readParameter(name, value, at);
    if (isRefusal(reading)) wrong.push(...reading.issues);
    else if (reading !== 'unknown' && contradicts(read, reading))
      wrong.push({ code: 'repeated-parameter', expression: `AuditEvent?${name}` });
    else if (reading === 'unknown') (strict ? wrong : ignored).push(unknown(name, strict));
    else {
      read = { ...read, ...latest(read, reading) };
      if (reading.person === undefined) applied.push([name, value]);
    }
  }
  return refuseAll(wrong) ?? { ...read, count: read.count ?? DEFAULT_COUNT, applied, ignored };
}

/** Whether a value would take the place of another one. Several dates narrow each other. */
const contradicts = (earlier: Reading, reading: Reading): boolean =>
  (['person', 'staff', 'organisation', 'count'] as const).some(
    (name) =>
      earlier[name] !== undefined &&
      reading[name] !== undefined &&
      JSON.stringify(earlier[name]) !== JSON.stringify(reading[name]),
  );

/** Several dates all count. */
function latest({ from, until }: Reading, reading: Reading): Reading {
  const later = from !== undefined && reading.from !== undefined && from > reading.from ? { from } : {};
  const earlier = until !== undefined && reading.until !== undefined && until < reading.until ? { until } : {};
  return { ...reading, ...later, ...earlier };
}

const unknown = (name: string, strict: boolean): Issue => ({
  code: strict ? 'unknown-parameter' : 'ignored-parameter',
  expression: /^[A-Za-z_][A-Za-z:._-]{0,80}$/.test(name) ? `AuditEvent?${name}` : 'AuditEvent',
});

function readParameter(name: string, value: string, at: string): Reading | Refusal | 'unknown' {
  const [code = ''] = name.split(/[:.]/);
  if (code === 'patient' || code === 'entity') return readPerson(name, value, at);
  if (name === 'agent' || name === 'agent:identifier') return readAgent(value);
  if (name === 'date') return readDate(value);
  if (name === '_count') return /^[1-9]\d{0,5}$/.test(value) ? { count: Math.min(Number(value), MAX_COUNT) } : bad('_count');
  if (name === '_sort') return value === '-date' ? {} : bad('_sort', 'Only -date: the newest come first.');
  return 'unknown';
}

const bad = (name: string, diagnostics?: string): Refusal =>
  refuse('bad-parameter', { expression: `AuditEvent?${name}`, ...(diagnostics === undefined ? {} : { diagnostics }) });

function readPerson(name: string, value: string, at: string): Reading | Refusal {
  const options = { at: `AuditEvent?${name.split(/[:.]/)[0]}`, chained: new Map(), nowMs: Date.parse(at) };
  const choice = personChoice('AuditEvent', name, value, options);
  if (choice === undefined) return bad(name.split(/[:.]/)[0]!, 'Expected Patient/<id>, or .identifier=<system>|<value>.');
  return isRefusal(choice) ? choice : { person: choice.selector };
}

function readAgent(value: string): Reading | Refusal {
  const named = unescaped(value.replace(/^urn:chesil:(staff|organisation)\|/, ''));
  if (/^[a-z][a-z0-9-]{1,19}\|.{1,200}$/.test(named)) return { staff: named };
  if (isOrganisationId(named)) return { organisation: named };
  return bad('agent', 'Expected a member of staff as <provider>|<id>, or an organisation by its id.');
}

function readDate(value: string): Reading | Refusal {
  const [prefix, text] = splitPrefix(value);
  const range = dateRange(text);
  if (range === undefined) return bad('date');
  const [low, high] = [new Date(range.low).toISOString(), new Date(range.high).toISOString()];
  switch (prefix) {
    case 'eq':
      return { from: low, until: high };
    case 'ge':
      return { from: low };
    case 'gt':
    case 'sa':
      return { from: high };
    case 'le':
      return { until: high };
    case 'lt':
    case 'eb':
      return { until: low };
    default:
      return bad('date', 'Expected a date, or one after eq, ge, gt, le or lt.');
  }
}
