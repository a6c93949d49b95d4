import { describe, expect, it } from 'vitest';
import { isAboutPerson, type OrganisationChange, organisationAnnouncement } from '../../../shared/changes/organisation-events.ts';

const ORIGIN = { source: 'urn:chesil:demo', fhirUrl: 'https://chesil.test/fhir/R4' };
const SILENCE: OrganisationChange = {
  name: 'feed-stale',
  organisation: 'uhd',
  at: '2026-11-24T12:00:00.000Z',
  occasion: '2026-11-24T11:00:00.000Z',
  reference: 'Organization/$feeds',
  audience: ['surgery', 'dch', 'surgery'],
};

describe('what is told of an organisation', () => {
  it('is an event like any other, about nobody', () => {
    const { event, audience, routing } = organisationAnnouncement(SILENCE, ORIGIN);
    expect(event).toMatchObject({
      specversion: '1.0',
      source: 'urn:chesil:demo',
      type: 'uk.chesil.feed-stale.1',
      subject: 'urn:chesil:organisation:uhd',
      dataref: 'https://chesil.test/fhir/R4/Organization/$feeds',
    });
    expect(isAboutPerson(event)).toBe(false);
    expect(isAboutPerson({ subject: 'k3v5q2mzj7n4x6a2r5t7w3y4ub' })).toBe(true);
    const resumed = organisationAnnouncement({ ...SILENCE, name: 'feed-resumed' }, ORIGIN);
    expect(resumed.routing.eventType).toEqual(['feed-resumed', 'feed-stale']);
    expect(audience).toEqual(['dch', 'surgery']);
    expect(routing).toMatchObject({ eventType: ['feed-stale'], urgency: ['B'], source: ['uhd'] });
  });

  it('has the same id when it is told again, and another on another occasion', () => {
    const idOf = (change: OrganisationChange) => organisationAnnouncement(change, ORIGIN).event.id;
    expect(idOf({ ...SILENCE, audience: [] })).toBe(idOf(SILENCE));
    expect(idOf({ ...SILENCE, occasion: 'another' })).not.toBe(idOf(SILENCE));
    expect(idOf({ ...SILENCE, organisation: 'dch' })).not.toBe(idOf(SILENCE));
    expect(idOf({ ...SILENCE, name: 'feed-resumed' })).not.toBe(idOf(SILENCE));
  });
});
