import { randomUUID } from 'node:crypto';
import type { Signal } from '../../../shared/signals/signal.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';

/** A person who is nobody. @param index tells them apart */
export const personOf = (index: number): string => String(index).padStart(26, 'p');

export const signal = (told: { readonly person?: string; readonly sequence?: number } & Partial<Signal> = {}): Signal => {
  const { person = personOf(1), sequence = 1, ...rest } = told;
  const id = randomUUID();
  return {
    event: {
      specversion: '1.0',
      id,
      source: 'urn:chesil:test',
      type: 'uk.chesil.admitted.1',
      time: '2026-03-01T09:00:00.000Z',
      subject: person,
      dataref: `https://record.example/fhir/R4/Encounter/${person}.aaaaaaaaaaaaaaaa/_history/${sequence}`,
      sequence: String(sequence).padStart(13, '0'),
      part: 1,
      parts: 1,
      partof: id,
      contributor: 'uhd',
    },
    formerly: false,
    fragmentId: 'aaaaaaaaaaaaaaaa',
    announcedAt: Date.parse('2026-03-01T09:00:00.050Z'),
    ...rest,
  };
};

export const subscription = (told: Partial<Subscription> = {}): Subscription => ({
  id: randomUUID(),
  organisation: 'ammonite',
  client: 'ammonite',
  status: 'active',
  reason: 'To hear of admissions',
  criteria: "eventType='admitted'",
  channel: { type: 'rest-hook', endpoint: 'https://hooks.example/signals', payload: 'application/json' },
  createdAt: '2026-03-01T08:00:00.000Z',
  updatedAt: '2026-03-01T08:00:00.000Z',
  version: 1,
  ...told,
});
