import { describe, expect, it } from 'vitest';
import { find, type Resource, refusalOf } from '../record.ts';

const patients: readonly Resource[] = [
  { resourceType: 'Patient', id: 'eve', name: [{ given: ['Eve'], family: 'O’Brien' }] },
  { resourceType: 'Patient', id: 'evelyn', name: [{ given: ['Evelyn', 'Anne'], family: 'Smith-Jones' }] },
  { resourceType: 'Patient', id: 'severine', name: [{ given: ['Séverine'], family: 'Straße', prefix: ['Dr'] }] },
  { resourceType: 'Patient', id: 'text', name: [{ text: 'Peter, the Great' }] },
  {
    resourceType: 'Patient',
    id: 'address',
    address: [{ line: ['12 High Street', 'Hamworthy'], city: 'Poole', postalCode: 'BH15 1JB', use: 'home' }],
  },
];

describe('a string', () => {
  it.each([
    ['given=eve', ['eve', 'evelyn']],
    ['given=EVE', ['eve', 'evelyn']],
    ['given:contains=eve', ['eve', 'evelyn', 'severine']],
    ['given:exact=Eve', ['eve']],
    ['given:exact=eve', []],
    ['given=severine', ['severine']],
    ['given=s%C3%A9verine', ['severine']],
    ["family=o'brien", ['eve']],
    ['family=OBrien', ['eve']],
    ['family=smith jones', ['evelyn']],
    ['family=smith,obrien', ['eve', 'evelyn']],
    ['family:missing=true', ['text', 'address']],
    ['name=dr', ['severine']],
    ['name=evelyn anne smith', ['evelyn']],
    ['name=smith-jones, eve', ['eve', 'evelyn']],
    ['name=smith-jones\\, evelyn', ['evelyn']],
    ['name=peter\\, the', ['text']],
    ['address=hamworthy', ['address']],
    ['address=poole', ['address']],
    ['address-postalcode=bh151jb', ['address']],
    ['address-postalcode=BH15', ['address']],
    ['address-use=home', ['address']],
  ])('Patient?%s finds %j', (query, ids) => {
    expect(find(patients, `Patient?${query}`)).toEqual(ids);
  });

  it('takes no modifier of another type of parameter', () => {
    expect(refusalOf('Patient?name:not=eve')).toEqual(['unknown-parameter Patient?name:not']);
  });
});

describe('a URI', () => {
  const valueSets: readonly Resource[] = [
    { resourceType: 'ValueSet', id: 'set', url: 'http://acme.org/fhir/ValueSet/123' },
    { resourceType: 'ValueSet', id: 'version', url: 'http://acme.org/fhir/ValueSet/123/_history/5' },
    { resourceType: 'ValueSet', id: 'longer', url: 'http://acme.org/fhir/ValueSet/1234' },
    { resourceType: 'ValueSet', id: 'oid', url: 'urn:oid:1.2.3.4.5', meta: { profile: ['http://acme.org/Profile|2.0'] } },
  ];

  it.each([
    ['url=http://acme.org/fhir/ValueSet/123', ['set']],
    ['url=http://acme.org/fhir/valueset/123', []],
    ['url:below=http://acme.org/fhir/', ['set', 'version', 'longer']],
    ['url:below=http://acme.org/fhir/ValueSet/123', ['set', 'version']],
    ['url:above=http://acme.org/fhir/ValueSet/123/_history/5', ['set', 'version']],
    ['url=urn:oid:1.2.3.4.5', ['oid']],
    ['_profile=http://acme.org/Profile', ['oid']],
    ['_profile=http://acme.org/Profile|2.0', ['oid']],
    ['_profile=http://acme.org/Profile|3.0', []],
  ])('ValueSet?%s finds %j', (query, ids) => {
    expect(find(valueSets, `ValueSet?${query}`)).toEqual(ids);
  });
});
