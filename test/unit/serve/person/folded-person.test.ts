import { describe, expect, it } from 'vitest';
import { foldPatients, shownApart } from '../../../../functions/serve/looking/person.ts';
import { NOTHING_STANDS, type PersonStanding } from '../../../../shared/access/facts/person-standing.ts';
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

/** Both practices are established, so that one of them counts as registered where it is named. */
const STANDS: PersonStanding = { ...NOTHING_STANDS, practices: new Set(['surgery', 'health-centre']) };

const standing = (stands: PersonStanding) => ({ stands, apart: [] });

describe('the person as somebody sees them', () => {
  const surgery = patientOf('surgery', { birthDate: '1951' });
  const centre = patientOf('health-centre', { birthDate: '1952' });
  const hidden = patientOf('uhd', registeredWith('X99030'));

  it('is put together without the practice that only a hidden source names', () => {
    const alone = foldPatients(recordOf(surgery, centre), [surgery, centre], directory, standing(STANDS), AT);
    expect(foldPatients(recordOf(surgery, centre, hidden), [surgery, centre], directory, standing(STANDS), AT)).toEqual(alone);
    const seen = foldPatients(recordOf(surgery, centre, hidden), [surgery, centre, hidden], directory, standing(STANDS), AT);
    expect(JSON.parse(seen.body!)).toMatchObject({ birthDate: '1951' });
  });

  it('does not name the sources of what was stripped of their names', () => {
    const { body } = foldPatients(
      recordOf(surgery),
      [patientOf('surgery', { birthDate: '1951' }, false)],
      directory,
      standing(STANDS),
      AT,
    );
    expect(body).toContain('1951');
    expect(body).not.toMatch(/surgery"|The surgery|X99030|urn:chesil:organisation/);
    expect(validate(JSON.parse(body!))).toEqual([]);
    const named = foldPatients(recordOf(surgery), [surgery], directory, standing(STANDS), AT);
    expect(named.body).toContain('The surgery');
  });

  it('is put together from the latest Patients of a system that makes a new one every night, and from all others', () => {
    const nightly = Array.from({ length: 300 }, (_, night) => ({
      ...patientOf('uhd', { name: [{ family: `Night${night}` }] }),
      fragmentId: `n${night}`,
      recordedAt: new Date(Date.UTC(2026, 0, 1 + night)).toISOString(),
    }));
    const { body } = foldPatients(recordOf(surgery, ...nightly), [surgery, ...nightly], directory, standing(STANDS), AT);
    const { birthDate, name, link } = JSON.parse(body!);
    expect(birthDate).toBe('1951');
    expect(name).toEqual([{ family: 'Night299' }]);
    expect(link).toHaveLength(21);
  });
});

describe('what stands by the word of one source alone', () => {
  const gp = (code: string) => ({ identifier: { system: ODS_ORGANISATION, value: code } });
  const shown = (patients: readonly Fragment[], stands: PersonStanding) => {
    const apart = shownApart(patients, stands, directory, AT);
    const { body, versionId } = foldPatients(recordOf(...patients), patients, directory, { stands, apart }, AT);
    const person = JSON.parse(body!);
    expect(validate(person)).toEqual([]);
    return { person, versionId };
  };

  it('is no practice of theirs until it is established, and outranks nobody', () => {
    const claiming = patientOf('surgery', { birthDate: '1951', generalPractitioner: [gp('X99030'), gp('X99050')] });
    const other = patientOf('health-centre', { birthDate: '1952' });
    const claimed = shown([claiming, other], NOTHING_STANDS);
    expect(claimed.person.generalPractitioner).toBeUndefined();
    const settled = shown([claiming, other], { ...NOTHING_STANDS, practices: new Set(['health-centre']) });
    expect(settled.person).toMatchObject({ birthDate: '1952', generalPractitioner: [gp('X99050')] });
    expect(settled.versionId).not.toBe(claimed.versionId);
  });

  it('shows a practice that takes no part here once it is established', () => {
    const stands = { ...NOTHING_STANDS, practices: new Set([`${ODS_ORGANISATION}|B86999`.toUpperCase()]) };
    const { person } = shown([patientOf('surgery', { generalPractitioner: [gp('B86999'), gp('B86000')] })], stands);
    expect(person.generalPractitioner).toEqual([gp('B86999')]);
  });

  it('says of a death who alone has reported it', () => {
    const dead = patientOf('surgery', { deceasedDateTime: '2026-11-01' });
    const { person } = shown([dead], NOTHING_STANDS);
    expect(person._deceasedDateTime.extension).toMatchObject([
      { url: 'urn:chesil:reported-by', valueReference: { display: 'reported by The surgery' } },
    ]);
    const confirmed = shown([dead], { ...NOTHING_STANDS, deathConfirmed: true });
    expect(confirmed.person._deceasedDateTime).toBeUndefined();
  });

  it('is no death that was contested', () => {
    const dead = patientOf('surgery', { deceasedBoolean: true, birthDate: '1951' });
    const { person } = shown([dead], { ...NOTHING_STANDS, contestedDeaths: new Set([dead.fragmentId]) });
    expect(person).toMatchObject({ birthDate: '1951' });
    expect(JSON.stringify(person)).not.toContain('"deceased');
  });
});
