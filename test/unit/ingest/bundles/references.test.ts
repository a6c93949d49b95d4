import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, startIngest } from '../ingesting.ts';
import { nhsNumber, observation, of, personOf } from '../resources.ts';
import { bundle, encounter, locationsOf, post, practitioner, type Resource, storedAt, transaction } from './entries.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

describe('references', () => {
  it("to the contributor's own directory are resolved, by condition and by its own ids, and keep the identifier beside", async () => {
    const sent = await ingest.send('POST', '/', bundle('batch', post(practitioner('C7000001', { id: 'staff-1' }))));
    const address = addressOf(locationsOf(sent)[0]);
    expect(address).toMatch(/^Practitioner\/uhd\.[a-z2-7]{16}$/);
    const created = await ingest.send(
      'POST',
      'Observation',
      observation('dir', {
        ...of(nhsNumber()),
        performer: [
          { reference: 'Practitioner?identifier=https://fhir.hl7.org.uk/Id/gmc-number|C7000001' },
          { reference: 'Practitioner/staff-1' },
          { reference: address },
        ],
      }),
    );
    const identifier = { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: 'C7000001' };
    expect(created.body.performer).toEqual([{ reference: address, identifier }, { reference: address }, { reference: address }]);
  });

  it('to what has not been sent stay logical, and are resolved when it has been', async () => {
    const number = nhsNumber();
    const gmc = { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: 'C7000002' };
    const sent = observation('later', {
      ...of(number),
      meta: { versionId: '1' },
      encounter: { reference: 'Encounter/enc-later', display: 'Ward 3' },
      performer: [{ reference: `Practitioner?identifier=${gmc.system}|${gmc.value}` }, { reference: 'Organization/org-later' }],
    });
    const first = await ingest.send('POST', 'Observation', sent);
    expect(first.body.encounter).toEqual({
      display: 'Ward 3',
      type: 'Encounter',
      identifier: { system: 'urn:chesil:source-id', value: 'Encounter/enc-later' },
    });
    expect(first.body.performer).toEqual([
      { type: 'Practitioner', identifier: gmc },
      { type: 'Organization', identifier: { system: 'urn:chesil:source-id', value: 'Organization/org-later' } },
    ]);
    const visit = await ingest.send('PUT', 'Encounter/enc-later', { ...encounter('later', of(number)), id: 'enc-later' });
    const doctor = await ingest.send('POST', 'Practitioner', practitioner('C7000002'));
    const second = await ingest.send('POST', 'Observation', sent);
    expect([second.status, second.headers.etag]).toEqual([200, 'W/"2"']);
    expect(second.body.encounter).toEqual({ reference: addressOf(visit.headers.location), display: 'Ward 3' });
    expect(second.body.performer[0]).toEqual({ reference: addressOf(doctor.headers.location), identifier: gmc });
    expect((await ingest.send('POST', 'Observation', sent)).headers.etag).toBe('W/"2"');
  });

  it("to another organisation's directory stand when they lead somewhere", async () => {
    const theirs = await ingest.send('POST', 'Practitioner', practitioner('C7000003'), { as: 'dch' });
    const send = (reference: string) =>
      ingest.send('POST', 'Observation', observation('theirs', { ...of(nhsNumber()), performer: [{ reference }] }));
    const address = addressOf(theirs.headers.location);
    expect((await send(address)).body.performer).toEqual([{ reference: address }]);
    expect(codesOf(await send(`Practitioner/dch.${'a'.repeat(16)}`))).toEqual(['foreign-reference']);
    expect(codesOf(await send(`Practitioner/nobody.${'a'.repeat(16)}`))).toEqual(['foreign-reference']);
  });

  it('absolute to this server are ours, to another stay as they are', async () => {
    const number = nhsNumber();
    await ingest.send('POST', 'Observation', observation('first', of(number)));
    const created = await ingest.send(
      'POST',
      'Observation',
      observation('absolute', {
        subject: { reference: `https://chesil.test/fhir/R4/Patient/${personOf(number)}` },
        focus: [
          { reference: 'https://elsewhere.example/fhir/Observation/9' },
          { reference: 'urn:uuid:99999999-9999-4999-8999-999999999999' },
        ],
      }),
    );
    expect(created.body.subject.reference).toBe(`Patient/${personOf(number)}`);
    expect(created.body.focus).toEqual([
      { reference: 'https://elsewhere.example/fhir/Observation/9' },
      { reference: 'urn:uuid:99999999-9999-4999-8999-999999999999' },
    ]);
  });

  it('a document finds its Binary', async () => {
    const binary = 'urn:uuid:44444444-4444-4444-8444-444444444444';
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        post({ resourceType: 'Binary', contentType: 'text/plain', data: 'aGVsbG8=' } as Resource, binary),
        post({
          resourceType: 'DocumentReference',
          status: 'current',
          content: [{ attachment: { contentType: 'text/plain', url: binary } }],
          ...of(nhsNumber()),
        } as Resource),
      ),
    );
    const [data, document] = locationsOf(answer);
    expect((await storedAt(ingest, document!)).content[0].attachment.url).toBe(addressOf(data));
  });
});
