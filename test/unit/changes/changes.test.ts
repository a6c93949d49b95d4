import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, CHANGE_NAMES } from '../../../shared/changes/catalogue.ts';
import { changesOf as changesOfStep } from '../../../shared/changes/changes.ts';
import { type AddressedChange, announcementsOf } from '../../../shared/changes/envelope.ts';
import type { Action, Contribution, FragmentVersion } from '../../../shared/record/contribution.ts';
import { emptyFold } from '../../../shared/record/fold.ts';
import { createVersionNames } from '../../../shared/record/version-names.ts';

const PERSON = 'a'.repeat(26);
const OTHER = 'b'.repeat(26);
const NAMES = createVersionNames(Buffer.alloc(32, 8));
const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };

const base32 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), minLength: length, maxLength: length });

const fragments = fc.uniqueArray(
  fc.record({
    fragmentId: base32(16),
    type: fc.constantFrom('Observation', 'Condition', 'Patient'),
    version: fc.integer({ min: 1, max: 40 }),
    action: fc.constantFrom<Action>('created', 'updated', 'retracted', 'late'),
  }),
  { selector: ({ fragmentId }) => fragmentId, maxLength: 40 },
);

const contributions: fc.Arbitrary<Contribution> = fc
  .record({
    fragments,
    sequence: fc.integer({ min: 1, max: 1_000_000 }),
    linked: fc.option(fc.constantFrom<'link' | 'unlink'>('link', 'unlink')),
  })
  .map(({ fragments, sequence, linked }) => ({
    subject: PERSON,
    sequence,
    recordedAt: '2026-03-04T05:06:07.890Z',
    contributor: 'uhd',
    client: 'client',
    source: 'main',
    requestId: 'request',
    fragments: fragments.map(
      (told): FragmentVersion => ({
        ...told,
        hash: '0123456789abcdef',
        section: 'findings',
        codes: ['urn:secret|7'],
        labels: [],
      }),
    ),
    bodies: fragments.map(() => undefined),
    ...(linked ? { link: { kind: linked, person: OTHER, survivor: PERSON } } : {}),
  }));

/** What contributions without bodies did to a record of which nothing can be read. */
const changesOf = (contribution: Contribution) => {
  const fold = emptyFold(contribution.subject);
  return changesOfStep({ contribution, before: fold, after: fold, linked: [] });
};

const toEverybody = (contribution: Contribution): AddressedChange[] =>
  changesOf(contribution).map((change) => ({ change, audience: ['dch', 'uhd'] }));

describe('changes of a contribution', () => {
  it('are one for each fragment version that is current, in its order, then the link', () => {
    fc.assert(
      fc.property(contributions, (contribution) => {
        const expected = contribution.fragments
          .filter(({ action }) => action !== 'late')
          .map(({ fragmentId, action }) => `fragment-${action} ${fragmentId}`);
        if (contribution.link) expected.push(`persons-${contribution.link.kind}ed ${OTHER}`);
        const told = changesOf(contribution).map((change) =>
          'fragment' in change ? `${change.name} ${change.fragment.fragmentId}` : `${change.name} ${change.link.person}`,
        );
        expect(told).toEqual(expected);
      }),
    );
  });

  it('are none for what an organisation tells of itself', () => {
    fc.assert(
      fc.property(contributions, (contribution) => {
        expect(changesOf({ ...contribution, subject: 'uhd' })).toEqual([]);
      }),
    );
  });

  it.each(CHANGE_NAMES)('%s is in the catalogue with a version, an urgency and a meaning', (name) => {
    const { version, urgency, meaning } = CATALOGUE[name];
    expect(version).toBeGreaterThan(0);
    expect(urgency).toMatch(/^[ABCD]$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  });
});

describe('events of a contribution', () => {
  it('have ids that are the same each time and differ from one another, from contribution to contribution too', () => {
    fc.assert(
      fc.property(contributions, (contribution) => {
        const ids = (given: Contribution) =>
          announcementsOf(toEverybody(given), ORIGIN, NAMES).map(({ detail }) => detail.event.id);
        const first = ids(contribution);
        expect(ids(structuredClone(contribution))).toEqual(first);
        const next = ids({ ...contribution, recordedAt: '2027-01-01T00:00:00.000Z' });
        const elsewhere = ids({ ...contribution, subject: OTHER });
        expect(new Set([...first, ...next, ...elsewhere]).size).toBe(first.length * 3);
        for (const id of first) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it('count their parts among those that the same organisations hear, so that a gap betrays nothing withheld', () => {
    const audiences = [[], ['uhd'], ['dch', 'uhd'], ['ammonite', 'dch', 'uhd']];
    fc.assert(
      fc.property(contributions, fc.infiniteStream(fc.constantFrom(...audiences)), (contribution, stream) => {
        const addressed = changesOf(contribution).map((change) => ({ change, audience: stream.next().value as string[] }));
        const sent = announcementsOf(addressed, ORIGIN, NAMES);
        expect(sent).toHaveLength(addressed.filter(({ audience }) => audience.length > 0).length);
        for (const audience of audiences.slice(1)) {
          const heard = sent.filter(({ detail }) => detail.audience.join() === audience.join()).map(({ detail }) => detail.event);
          expect(heard.map(({ part }) => part)).toEqual(heard.map((_, index) => index + 1));
          for (const { parts } of heard) expect(parts).toBe(heard.length);
          expect(new Set(heard.map(({ partof }) => partof)).size).toBe(heard.length > 0 ? 1 : 0);
        }
      }),
    );
  });

  it('are CloudEvents that say where to fetch, and hold nothing clinical', () => {
    const contribution: Contribution = {
      subject: PERSON,
      sequence: 42,
      recordedAt: '2026-03-04T05:06:07.890Z',
      contributor: 'uhd',
      client: 'client',
      source: 'main',
      requestId: 'request',
      fragments: [
        {
          fragmentId: 'c'.repeat(16),
          type: 'Flag',
          version: 3,
          action: 'updated',
          hash: 'h',
          section: 'alerts',
          codes: ['http://snomed.info/sct|1'],
          labels: ['x|R'],
        },
      ],
      bodies: [undefined],
      link: { kind: 'link', person: OTHER, survivor: PERSON },
    };
    const events = announcementsOf(toEverybody(contribution), ORIGIN, NAMES).map(({ detail }) => detail.event);
    const third = NAMES.version({ subject: PERSON, fragmentId: 'c'.repeat(16), version: 3 });
    const common = {
      specversion: '1.0',
      source: 'urn:chesil:test',
      time: '2026-03-04T05:06:07.890Z',
      subject: PERSON,
      sequence: '1772600767890',
      parts: 2,
    };
    expect(events).toEqual([
      {
        ...common,
        id: expect.any(String),
        type: 'uk.chesil.fragment-updated.1',
        dataref: `https://record.example/fhir/R4/Flag/${PERSON}.${'c'.repeat(16)}/_history/${third}`,
        part: 1,
        partof: events[1]!.partof,
        contributor: 'uhd',
      },
      {
        ...common,
        id: expect.any(String),
        type: 'uk.chesil.persons-linked.1',
        dataref: `https://record.example/fhir/R4/Patient/${PERSON}`,
        part: 2,
        partof: events[0]!.partof,
      },
    ]);
  });
});
