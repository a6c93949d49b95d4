import { describe, expect, it } from 'vitest';
import { fragmentTypes, isOurs } from '../../../shared/fhir/compartment.ts';
import { capabilityStatement } from '../../../shared/fhir/conformance/capability.ts';
import { parametersOf } from '../../../shared/fhir/search/parameters.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { refusalOf } from './record.ts';

const addresses = { authorizeUrl: 'https://chesil.example/oauth2/authorize', tokenUrl: 'https://chesil.example/oauth2/token' };
const statement = JSON.parse(capabilityStatement('https://chesil.example/fhir/R4', addresses)) as fhir4.CapabilityStatement;
/** What systems ask to hear of: no part of a record. */
const STANDING = ['Group', 'Subscription'];
const [rest] = statement.rest!;

describe('the capability statement', () => {
  it('is valid R4', () => {
    expect(validate(statement)).toEqual([]);
  });

  it('names every type that is kept, with the parameters that searches understand', () => {
    expect(rest!.resource!.map(({ type }) => type).sort()).toEqual([...fragmentTypes(), 'Subscription'].sort());
    for (const { type, searchParam } of rest!.resource!) {
      if (!isOurs(type) && !STANDING.includes(type))
        expect(searchParam!.map(({ name }) => name)).toEqual([...parametersOf(type).keys()]);
    }
  });

  it('names the operations on subscriptions', () => {
    const { operation } = rest!.resource!.find(({ type }) => type === 'Subscription')!;
    expect(operation!.map(({ name }) => name)).toEqual(
      'status events replay secret rotate-secret dead-letters redrive'.split(' '),
    );
  });

  it('promises no inclusion that a search would refuse', () => {
    for (const { type, searchInclude = [], searchRevInclude = [] } of rest!.resource!) {
      const inclusions = [
        ...searchInclude.map((value) => `_include=${value}`),
        ...searchRevInclude.map((value) => `_revinclude=${value}`),
      ];
      const refused = inclusions.filter((inclusion) => refusalOf(`${type}?${inclusion}`, { strict: true }).length > 0);
      expect(refused).toEqual([]);
    }
  });

  it('tells where it is, where tokens come from, and how to read a whole record', () => {
    expect(statement.implementation?.url).toBe('https://chesil.example/fhir/R4');
    expect(JSON.stringify(rest!.security)).toContain('"url":"token","valueUri":"https://chesil.example/oauth2/token"');
    expect(rest!.resource!.find(({ type }) => type === 'Patient')?.operation?.[0]).toEqual({
      name: 'everything',
      definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
    });
  });

  it('names the operations by which staff let themselves in and privacy officers review it', () => {
    const operationsOf = (wanted: string) =>
      rest!.resource!.find(({ type }) => type === wanted)?.operation?.map(({ name }) => name);
    expect(operationsOf('Patient')).toEqual(['everything', 'break-glass', 'claim-relationship', 'watch', 'know-as-staff']);
    expect(operationsOf('Task')).toEqual(['review']);
    expect(rest!.operation?.map(({ name }) => name)).toEqual(['review-queue']);
  });

  it('names the parameters of every search, each of which is understood', () => {
    const common = rest!.searchParam!.map(({ name }) => name);
    expect(common).toEqual(
      expect.arrayContaining(['_id', '_lastUpdated', '_count', '_sort', '_summary', '_elements', '_total', '_has']),
    );
    const values: Readonly<Record<string, string>> = {
      _count: '1',
      _sort: '-date',
      _summary: 'true',
      _elements: 'code',
      _total: 'none',
      _include: '*',
      _revinclude: '*',
      _contained: 'false',
      _lastUpdated: 'ge2020',
      _format: 'json',
      _pretty: 'true',
    };
    for (const name of common) {
      const [asked, value] = name === '_has' ? ['_has:Condition:evidence-detail:code', 'x'] : [name, values[name] ?? 'x'];
      expect({ name, refused: refusalOf(`Observation?${asked}=${value}`, { strict: true }) }).toEqual({ name, refused: [] });
    }
  });

  it('says that the audit is read and never contributed', () => {
    const audit = rest!.resource!.find(({ type }) => type === 'AuditEvent')!;
    expect(audit.interaction).toEqual([{ code: 'read' }, { code: 'search-type' }]);
    expect(audit.documentation).toContain('audit-is-ours');
  });

  it('is made anew for another address', () => {
    const other = capabilityStatement('https://other.example/fhir/R4', addresses);
    expect(other).toContain('"url":"https://other.example/fhir/R4"');
  });
});
