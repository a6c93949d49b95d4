import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Change, changesOf } from '../../../shared/changes/changes.ts';
import { type AddressedChange, announcementsOf, eventId } from '../../../shared/changes/envelope.ts';
import type { Contribution, FragmentVersion } from '../../../shared/record/contribution.ts';
import { emptyFold, foldContribution } from '../../../shared/record/fold.ts';
import { createVersionNames } from '../../../shared/record/version-names.ts';
import schema from '../../fixtures/cloudevent.schema.json' with { type: 'json' };

const PERSON = 'k3v5q2mzj7n4x6a2r5t7w3y4ub';
const NAMES = createVersionNames(Buffer.alloc(32, 8));
const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
const cloudEvent = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

const version = (fragmentId: string, told: Partial<FragmentVersion> = {}): FragmentVersion => ({
  fragmentId: fragmentId.repeat(16),
  type: 'Flag',
  version: 3,
  action: 'updated',
  hash: 'h',
  section: 'alerts',
  codes: ['http://snomed.info/sct|1'],
  labels: [],
  ...told,
});

const contribution: Contribution = {
  subject: PERSON,
  sequence: 1,
  recordedAt: '2026-03-04T05:06:07.890Z',
  contributor: 'uhd',
  client: 'client',
  source: 'main',
  requestId: 'request',
  fragments: [version('b'), version('c', { action: 'retracted' }), version('d', { action: 'created' })],
  bodies: [],
};

const before = emptyFold(PERSON);
const changes = changesOf({ contribution, before, after: foldContribution(before, contribution), linked: [] });

const AUDIENCE = ['ammonite', 'dch', 'dhc', 'dorset-council', 'golden-cap', 'swasft', 'uhd'];

const announced = (told: Partial<AddressedChange> = {}) =>
  announcementsOf(
    changes.map((change) => ({ change, audience: AUDIENCE, ...told })),
    ORIGIN,
    NAMES,
  ).map(({ detail }) => detail);

describe('an event', () => {
  it('is what the Multicast Notification Service takes for one', () => {
    for (const detail of [...announced(), ...announced({ isRestricted: true })])
      expect(cloudEvent.safeParse(detail.event)).toMatchObject({ success: true });
    const { time: _time, ...timeless } = announced()[0]!.event;
    expect(cloudEvent.safeParse(timeless).success).toBe(false);
  });

  it('tells nowhere how many versions there were, not even to who tries them all', () => {
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const { id, partof, dataref } = announced()[0]!.event;
    for (const what of numbers.map((number) => `${'b'.repeat(16)}.${number}`)) {
      const parts = [ORIGIN.source, PERSON, contribution.recordedAt, 'fragment-updated', what];
      expect([id, partof]).not.toContain(eventId(parts));
      expect([id, partof]).not.toContain(eventId([...parts.slice(0, 3), 'parts', ...parts.slice(3)]));
    }
    expect(dataref).not.toMatch(/_history\/\d+$/);
  });

  it('is small, with all that rules choose by', () => {
    for (const detail of announced({ formerly: AUDIENCE, practices: AUDIENCE }))
      expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(1_300);
  });

  it('does not tell of what kind it was taken to be', () => {
    const kinds = ['plain', 'safeguarding uhd'].map((kind) => announced({ kind }));
    expect(kinds[0]!.map(({ event }) => event)).toEqual(kinds[1]!.map(({ event }) => event));
  });

  it('belongs together with those of its kind that the same organisations hear', () => {
    const addressed = changes.map((change: Change, index) => ({
      change,
      audience: AUDIENCE,
      kind: index === 1 ? 'back' : 'plain',
    }));
    const parts = announcementsOf(addressed, ORIGIN, NAMES).map(({ detail: { event } }) => `${event.part}/${event.parts}`);
    expect(parts).toEqual(['1/2', '1/1', '2/2']);
  });

  it('is of the very version that it is about, and says by which fragment to decide who may hear', () => {
    const [updated] = announced();
    const third = NAMES.version({ subject: PERSON, fragmentId: 'b'.repeat(16), version: 3 });
    expect(updated!.event.dataref).toBe(`${ORIGIN.fhirUrl}/Flag/${PERSON}.${'b'.repeat(16)}/_history/${third}`);
    expect(updated!.fragmentId).toBe('b'.repeat(16));
  });
});
