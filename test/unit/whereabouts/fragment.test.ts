import { describe, expect, it } from 'vitest';
import { redactedFragment } from '../../../shared/fhir/whereabouts/fragment.ts';
import { whereaboutsOf } from '../../../shared/fhir/whereabouts/words.ts';
import type { Fragment } from '../../../shared/record/fold.ts';

const SNOMED = 'http://snomed.info/sct';
const whereabouts = whereaboutsOf([JSON.stringify({ resourceType: 'Patient', address: [{ city: 'Quillbury' }] })]);

/** A fragment that counts how often its body is asked for. */
function fragmentOf(more: Partial<Fragment>) {
  const asked = { times: 0 };
  const fragment = {
    subject: 'a'.repeat(26),
    fragmentId: 'b'.repeat(16),
    type: 'Condition',
    version: 1,
    action: 'created',
    hash: 'c'.repeat(16),
    section: 'problems',
    codes: [`${SNOMED}|37796009`, 'https://uhd.example/codes|B2'],
    labels: [],
    owner: 'uhd',
    source: 'main',
    sequence: 1,
    recordedAt: '2026-01-01T00:00:00.000Z',
    ...more,
    get body() {
      asked.times++;
      return '{"resourceType":"Condition","note":[{"text":"Now in Quillbury"}]}';
    },
  } satisfies Fragment;
  return { fragment, asked };
}

describe('a fragment of a restricted person', () => {
  it('is a copy, the same one each time, whose body is made when it is asked for', () => {
    const { fragment, asked } = fragmentOf({});
    const shown = redactedFragment(fragment, whereabouts);
    expect(redactedFragment(fragment, whereabouts)).toBe(shown);
    expect(asked.times).toBe(0);
    expect(shown.body).not.toContain('Quillbury');
    expect(shown.body).toBe(shown.body);
    expect(shown).toMatchObject({ fragmentId: fragment.fragmentId, version: 1, owner: 'uhd', section: 'problems' });
    expect(fragment.body).toContain('Quillbury');
  });

  it('is made anew when more whereabouts are known', () => {
    const { fragment } = fragmentOf({});
    const before = redactedFragment(fragment, whereabouts);
    expect(redactedFragment(fragment, whereaboutsOf([]))).not.toBe(before);
  });

  it('cannot be searched for by what is not in its body', () => {
    const { fragment } = fragmentOf({});
    expect(redactedFragment(fragment, whereabouts).codes).toEqual([`${SNOMED}|37796009`]);
    const { fragment: patient } = fragmentOf({
      type: 'Patient',
      codes: ['https://fhir.nhs.uk/Id/ods-organization-code|X99001'],
      grounds: [{ kind: 'registered-practice', names: ['https://fhir.nhs.uk/Id/ods-organization-code|X99001'] }],
    });
    const shown = redactedFragment(patient, whereabouts);
    expect(shown.codes).toEqual([]);
    expect(shown).not.toHaveProperty('grounds');
  });
});
