import { describe, expect, it, test } from 'vitest';
import type { Grant } from '../../../shared/access/grants.ts';
import { type Audience, inLondon, inPlainWords } from '../../../shared/fhir/audit-event/plain-words.ts';
import { DEEDS } from '../../../shared/fhir/audit-event/sentences.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import { grant, NURSE, PERSON, PROXY, personLook, systemLook, toOfficer, toPerson } from './looks.ts';

const NAMES: Readonly<Record<string, string>> = {
  hhft: 'Hampshire Hospitals NHS Foundation Trust',
  uhd: 'University Hospitals Dorset NHS Foundation Trust',
};

const told = (entry: AccessEntry, audience: Audience = toPerson(), grants: readonly Grant[] = []) =>
  inPlainWords(entry, { audience, organisationName: NAMES[entry.organisation], grants }).join(' ');

describe('a person who reads who looked at their record', () => {
  it('reads who, from where, what for, when, why, and which sections', () => {
    expect(told(NURSE)).toBe(
      'Sam Carter, clinician at Hampshire Hospitals NHS Foundation Trust, opened your whole record for your care on Tuesday 24 November 2026 at 14:05 GMT, because you were admitted, seen or visited there. Shown: Allergies and adverse reactions (1) and Medications (4).',
    );
  });

  it('reads role and organisation where names are not told', () => {
    expect(told(NURSE, toPerson({ namesStaff: false }))).toMatch(
      /^A clinician at Hampshire Hospitals NHS Foundation Trust opened your whole record for your care on/,
    );
    expect(told({ ...NURSE, role: 'clerical' }, toPerson({ namesStaff: false }))).toMatch(/^An administrator at/);
    expect(told({ ...NURSE, role: 'gp' }, toPerson({ namesStaff: false }))).toMatch(/^A GP at/);
  });

  it('reads what kind of reason staff gave for breaking the glass, and nothing that they wrote in their own words', () => {
    const entry = { ...NURSE, relationships: [], grants: ['dddddddddddddddd'] };
    const words = told(entry, toPerson(), [grant('break-glass', 'emergency')]);
    expect(words).toContain('because they broke the glass (Emergency: life or health is in danger now).');
    expect(words).not.toContain('sister');
    expect(told(entry, toPerson(), [grant('claimed', 'in-my-care')])).toContain(
      'because they said that they have to do with your care (The person is in my care, and the record does not show it yet).',
    );
    expect(told(entry)).toContain('because they opened it on their own word.');
  });

  it('reads that the glass was broken, as of a deed of its own', () => {
    const entry: AccessEntry = { ...NURSE, interaction: 'break-glass', shown: {}, relationships: [] };
    expect(told(entry)).toBe(
      'Sam Carter, clinician at Hampshire Hospitals NHS Foundation Trust, broke the glass to open your record for your care on Tuesday 24 November 2026 at 14:05 GMT.',
    );
  });

  it('reads of their own look, and of one by somebody who acts for them', () => {
    expect(told(personLook(PERSON))).toBe(
      'You opened your whole record on Tuesday 24 November 2026 at 14:05 GMT. Shown: Allergies and adverse reactions (1) and Medications (4).',
    );
    expect(told(personLook(PROXY))).toMatch(
      /^Chris Purbeck, who acts for you, opened your whole record on Tuesday 24 November 2026 at 14:05 GMT, because they act for you\./,
    );
    expect(told(personLook(PROXY), toPerson({ namesStaff: false }))).toMatch(/^Somebody who acts for you opened/);
  });

  it('reads that somebody tried who does not act for them, without learning who it was', () => {
    const stranger: AccessEntry = { ...personLook(PROXY), outcome: 'refused', relationships: [] };
    expect(told(stranger)).toMatch(/^Somebody else who is signed in as a member of the public, tried to open your whole record/);
    expect(told(stranger, toOfficer)).toMatch(/^Chris Purbeck, somebody else who is signed in as a member of the public, tried/);
  });

  it('reads of looks by computer systems, and by whoever keeps the service running', () => {
    expect(told(systemLook())).toMatch(
      /^A computer system of University Hospitals Dorset NHS Foundation Trust opened your whole record for your care on .*, because that organisation has added to your record\./,
    );
    expect(told({ ...systemLook(), role: 'operator', purpose: 'operations', interaction: 'inspect', relationships: [] })).toMatch(
      /^Somebody who keeps this service running looked into your record to mend the service on/,
    );
  });

  it('reads of who tried and was shown nothing, without a reason that they did not have', () => {
    expect(told({ ...NURSE, outcome: 'refused', shown: {} })).toBe(
      'Sam Carter, clinician at Hampshire Hospitals NHS Foundation Trust, tried to open your whole record for your care on Tuesday 24 November 2026 at 14:05 GMT. Nothing was shown.',
    );
  });

  it('reads nothing of what was withheld: the words are the same whether or not something was', () => {
    expect(told({ ...NURSE, withheld: {} })).toBe(told(NURSE));
  });

  it('is not told of a section that they may not know of because somebody else saw it', () => {
    const shown = { ...NURSE.shown, 'safeguarding dorset-council': 1 };
    const knowsOf = (key: string) => !key.startsWith('safeguarding');
    expect(told({ ...NURSE, shown }, toPerson({ knowsOf }))).toBe(told(NURSE));
    expect(told({ ...NURSE, shown: { 'safeguarding dorset-council': 1 } }, toPerson({ knowsOf }))).not.toContain('hown');
  });

  test.each([
    ['2026-07-01T12:00:00Z', 'Wednesday 1 July 2026 at 13:00 BST'],
    ['2026-10-25T00:30:00Z', 'Sunday 25 October 2026 at 01:30 BST'],
    ['2026-10-25T01:30:00Z', 'Sunday 25 October 2026 at 01:30 GMT'],
    ['2026-12-31T23:59:59.999Z', 'Thursday 31 December 2026 at 23:59 GMT'],
  ])('reads %s as people in England do: %s', (at, words) => {
    expect(inLondon(at)).toBe(words);
  });

  it('reads several reasons in one sentence', () => {
    expect(told({ ...NURSE, relationships: ['appointment', 'referral', 'caseload'] })).toContain(
      'because you have an appointment there, or had one, you were referred to them or by them and that organisation looks after you.',
    );
  });
});

describe('a privacy officer', () => {
  it('reads the same of a third person', () => {
    expect(told(NURSE, toOfficer)).toBe(
      'Sam Carter, clinician at Hampshire Hospitals NHS Foundation Trust, opened the person’s whole record for the person’s care on Tuesday 24 November 2026 at 14:05 GMT, because the person was admitted, seen or visited there. Shown: Allergies and adverse reactions (1) and Medications (4).',
    );
    expect(told(personLook(PERSON), toOfficer)).toMatch(/^The person opened their own whole record on/);
  });
});

describe('every interaction', () => {
  it.each(Object.keys(DEEDS))('%s is said in words without gaps, done and tried, to both', (interaction) => {
    for (const outcome of ['shown', 'refused'] as const)
      for (const audience of [toPerson(), toOfficer])
        for (const entry of [NURSE, systemLook(), personLook(PERSON), personLook(PROXY)])
          expect(told({ ...entry, interaction, outcome }, audience)).toMatch(
            /^[^{}]+ on Tuesday 24 November 2026 at 14:05 GMT[^{}]*\.$/,
          );
  });
});
