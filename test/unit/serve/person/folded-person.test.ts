import { describe, expect, it } from 'vitest';
import { foldPatients } from '../../../../functions/serve/looking/person.ts';
import { createDirectory } from '../../../../shared/directory/directory.ts';
import { ODS_ORGANISATION, ORGANISATION_TAG } from '../../../../shared/fhir/systems.ts';
import { validate } from '../../../../shared/fhir/validate/validate.ts';
import { emptyFold, type Fragment, type PersonRecord } from '../../../../shared/record/fold.ts';
import { registeredWith } from '../resources.ts';

const PERSON = 'a'.repeat(26);
const AT = '2026-11-24T00:00:00.000Z';

const practice = (id: string, code: string) => ({
  id,
  kind: 'gp-practice' as const,
  names: [{ value: `The ${id}` }],
  codes: [{ value: { system: ODS_ORGANISATION, value: code } }],
  successors: [],
});
const directory = createDirectory([practice('surgery', 'X99030'), practice('health-centre', 'X99050')]);

/** A contributor's Patient. @param told elements; without `tag` it does not say whose it is, as it is shown of a restricted person */
function patientOf(owner: string, told: Record<string, unknown>, tag = true): Fragment {
  const meta = tag ? { meta: { tag: [{ system: ORGANISATION_TAG, code: owner }] } } : {};
  return {
    subject: PERSON,
    owner,
    source: 'main',
    fragmentId: owner
      .replace(/[^a-z]/g, '')
      .padEnd(16, 'q')
      .slice(0, 16),
    type: 'Patient',
    version: 1,
    action: 'created',
    hash: 'x'.repeat(16),
    section: 'demographics',
    codes: [],
    labels: [],
    sequence: 1,
    recordedAt: '2026-01-01T00:00:00.000Z',
    body: JSON.stringify({ resourceType: 'Patient', ...meta, ...told }),
  };
}

const recordOf = (...fragments: Fragment[]): PersonRecord => ({
  personId: PERSON,
  folds: [{ ...emptyFold(PERSON), fragments: new Map(fragments.map((fragment) => [fragment.fragmentId, fragment])) }],
});

describe('the person as somebody sees them', () => {
  const surgery = patientOf('surgery', { birthDate: '1951' });
  const centre = patientOf('health-centre', { birthDate: '1952' });
  const hidden = patientOf('uhd', registeredWith('X99030'));

  it('is put together without the practice that only a hidden source names', () => {
    const alone = foldPatients(recordOf(surgery, centre), [surgery, centre], directory, AT);
    expect(foldPatients(recordOf(surgery, centre, hidden), [surgery, centre], directory, AT)).toEqual(alone);
    const seen = foldPatients(recordOf(surgery, centre, hidden), [surgery, centre, hidden], directory, AT);
    expect(JSON.parse(seen.body!)).toMatchObject({ birthDate: '1951' });
  });

  it('does not name the sources of what was stripped of their names', () => {
    const { body } = foldPatients(recordOf(surgery), [patientOf('surgery', { birthDate: '1951' }, false)], directory, AT);
    expect(body).toContain('1951');
    expect(body).not.toMatch(/surgery"|The surgery|X99030|urn:chesil:organisation/);
    expect(validate(JSON.parse(body!))).toEqual([]);
    const named = foldPatients(recordOf(surgery), [surgery], directory, AT);
    expect(named.body).toContain('The surgery');
  });

  it('is put together from the latest Patients of a system that makes a new one every night, and from all others', () => {
    const nightly = Array.from({ length: 300 }, (_, night) => ({
      ...patientOf('uhd', { name: [{ family: `Night${night}` }] }),
      fragmentId: `n${night}`,
      recordedAt: new Date(Date.UTC(2026, 0, 1 + night)).toISOString(),
    }));
    const { body } = foldPatients(recordOf(surgery, ...nightly), [surgery, ...nightly], directory, AT);
    const { birthDate, name, link } = JSON.parse(body!);
    expect(birthDate).toBe('1951');
    expect(name).toEqual([{ family: 'Night299' }]);
    expect(link).toHaveLength(21);
  });
});
