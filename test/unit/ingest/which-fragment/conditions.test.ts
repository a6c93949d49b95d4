import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  numbered,
  type Partner,
  type Partners,
  postEntry,
  type Resource,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { byNhs, NHS, nhsNumber, result, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const LAB = 'https://uhd.example/lab';
const token = (value: string) => `${LAB}|${value}`;
const weight = (number: string, value: string, more: object = {}): Resource =>
  result('weight', byNhs(number), { identifier: [{ system: LAB, value }], ...more });
const where = (number: string, value: string) =>
  `Observation?${new URLSearchParams({ identifier: token(value), 'patient.identifier': `${NHS}|${number}` })}`;

describe('If-None-Exist', () => {
  const once = (resource: Resource, value: string) =>
    postEntry(resource, undefined, { ifNoneExist: `identifier=${token(value)}` });

  it('twice in one transaction with the same content makes one, and answers both with it', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const answer = await hospital.transaction(once(weight(number, value), value), once(weight(number, value), value));
    expect(statusesIn(answer)).toEqual([201, 201]);
    expect(new Set(addressesIn(answer)).size).toBe(1);
    // And ever after it is found
    const again = await hospital.transaction(once(weight(number, value), value), once(weight(number, value), value));
    expect(addressesIn(again)).toEqual(addressesIn(answer));
    expect(await partners.record(numbered(number))).toEqual(['uhd Observation weight']);
  });

  it('twice in one transaction with different content is refused as a whole', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const other = weight(number, value, { note: [{ text: 'other' }] });
    const answer = await hospital.transaction(once(weight(number, value), value), once(other, value));
    expect([answer.status, codesOf(answer)]).toEqual([400, ['duplicate-entry']]);
    expect(await partners.record(numbered(number))).toEqual([]);
  });

  it('across requests names what was found and leaves it alone', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const headers = { 'if-none-exist': `identifier=${token(value)}` };
    const first = await hospital.post(weight(number, value), { headers });
    const second = await hospital.post(weight(number, value, { note: [{ text: 'other' }] }), { headers });
    expect([first.status, second.status, addressIn(second), second.headers.etag]).toEqual([201, 200, addressIn(first), 'W/"1"']);
    const bundled = await hospital.transaction(once(weight(number, value, { note: [{ text: 'third' }] }), value));
    expect([statusesIn(bundled), addressesIn(bundled)]).toEqual([[200], [addressIn(first)]]);
  });

  it('that finds several is refused, naming them', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const found = [];
    for (const text of ['potassium', 'sodium'])
      found.push(addressIn(await hospital.post({ ...weight(number, value), code: { text } })));
    const headers = { 'if-none-exist': `identifier=${token(value)}` };
    const answer = await hospital.post(weight(number, value), { headers });
    expect([answer.status, codesOf(answer)]).toEqual([412, ['several-matches']]);
    for (const address of found) expect(JSON.stringify(answer.body)).toContain(address);
  });

  it('never finds what another organisation or another person has', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const headers = { 'if-none-exist': `identifier=${token(value)}` };
    await partners.partner('dch').post(weight(number, value), { headers });
    await hospital.post(weight(nhsNumber(), value), { headers });
    expect((await hospital.post(weight(number, value), { headers })).status).toBe(201);
  });
});

describe('a conditional update', () => {
  it('updates what it matches, and creates where nothing matches', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const created = await hospital.put(where(number, value), weight(number, value));
    const updated = await hospital.put(where(number, value), weight(number, value, { note: [{ text: 'more' }] }));
    expect([created.status, updated.status, addressIn(updated)]).toEqual([201, 200, addressIn(created)]);
  });

  it('that corrects the code updates what it matches', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const created = await hospital.post(weight(number, value));
    const updated = await hospital.put(where(number, value), { ...weight(number, value), code: { text: 'height' } });
    expect([updated.status, addressIn(updated)]).toEqual([200, addressIn(created)]);
    expect(await partners.record(numbered(number))).toEqual(['uhd Observation height']);
  });

  it('that matches a fragment with another own id is refused, naming it', async () => {
    const [number, value, id] = [nhsNumber(), unique('n'), unique('own')];
    const created = await hospital.put(`Observation/${id}`, weight(number, value, { id }));
    const answer = await hospital.put(where(number, value), weight(number, value, { id: unique('other') }));
    expect([answer.status, codesOf(answer)]).toEqual([412, ['condition-names-another']]);
    expect(JSON.stringify(answer.body)).toContain(addressIn(created));
    expect(await partners.versions(addressIn(created))).toHaveLength(1);
    expect(await partners.record(numbered(number))).toEqual(['uhd Observation weight']);
  });

  it('that brings an own id where the match has none is refused', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const created = await hospital.post(weight(number, value));
    const answer = await hospital.put(where(number, value), weight(number, value, { id: unique('own') }));
    expect([answer.status, codesOf(answer)]).toEqual([412, ['condition-names-another']]);
    expect(JSON.stringify(answer.body)).toContain(addressIn(created));
  });

  it('with the own id of what it matches, or with none, updates it', async () => {
    const [number, value, id] = [nhsNumber(), unique('n'), unique('own')];
    const created = await hospital.put(`Observation/${id}`, weight(number, value, { id }));
    const same = await hospital.put(where(number, value), weight(number, value, { id, note: [{ text: 'same id' }] }));
    const none = await hospital.put(where(number, value), weight(number, value, { note: [{ text: 'no id' }] }));
    expect([same.status, addressIn(same)]).toEqual([200, addressIn(created)]);
    expect([none.status, addressIn(none)]).toEqual([200, addressIn(created)]);
  });

  it('that matches several is refused, naming them', async () => {
    const [number, value] = [nhsNumber(), unique('n')];
    const found = [];
    for (const text of ['potassium', 'sodium'])
      found.push(addressIn(await hospital.post({ ...weight(number, value), code: { text } })));
    const answer = await hospital.put(where(number, value), weight(number, value));
    expect([answer.status, codesOf(answer)]).toEqual([412, ['several-matches']]);
    for (const address of found) expect(JSON.stringify(answer.body)).toContain(address);
  });

  it('in a batch is refused alone, and a transaction as a whole', async () => {
    const [number, value, id] = [nhsNumber(), unique('n'), unique('own')];
    await hospital.put(`Observation/${id}`, weight(number, value, { id }));
    const bad = {
      resource: weight(number, value, { id: unique('other') }),
      request: { method: 'PUT', url: where(number, value) },
    };
    const good = result('height', byNhs(number), { id: unique('good') });
    expect(statusesIn(await hospital.batch(bad, good))).toEqual([412, 201]);
    expect((await hospital.transaction(bad, good)).status).toBe(412);
  });
});

describe('a condition whose value holds a pipe', () => {
  const practitioner = (value: string, family: string): Resource => ({
    resourceType: 'Practitioner',
    identifier: [{ system: 's', value }],
    name: [{ family }],
  });
  const escaped = (value: string) => `Practitioner?identifier=${encodeURIComponent(`s|${value.replaceAll('|', '\\|')}`)}`;

  it('is escaped as in the search, and finds the one that has it', async () => {
    const value = `${unique('p')}|q`;
    const created = await hospital.post(practitioner(value, 'Posted'));
    const updated = await hospital.put(escaped(value), practitioner(value, 'Put'));
    expect([updated.status, addressIn(updated)]).toEqual([200, addressIn(created)]);
    const bundled = await hospital.transaction({
      resource: practitioner(value, 'Bundled'),
      request: { method: 'PUT', url: escaped(value) },
    });
    expect([statusesIn(bundled), addressesIn(bundled)]).toEqual([[200], [addressIn(created)]]);
  });

  it('creates once what it does not find, and finds it then', async () => {
    const value = `${unique('p')}|q|r\\s,t$u`;
    const written = value.replaceAll(/[\\|,$]/g, '\\$&');
    const address = `Practitioner?identifier=${encodeURIComponent(`s|${written}`)}`;
    const first = await hospital.put(address, practitioner(value, 'First'));
    const second = await hospital.put(address, practitioner(value, 'Second'));
    expect([first.status, second.status, addressIn(second)]).toEqual([201, 200, addressIn(first)]);
  });

  it('is read the same in If-None-Exist and in a reference', async () => {
    const [number, value] = [nhsNumber(), `${unique('p')}|q`];
    const created = await hospital.post(practitioner(value, 'Posted'));
    const text = `identifier=${encodeURIComponent(`s|${value.replaceAll('|', '\\|')}`)}`;
    const again = await hospital.post(practitioner(value, 'Again'), { headers: { 'if-none-exist': text } });
    expect([again.status, addressIn(again)]).toEqual([200, addressIn(created)]);
    const measured = await hospital.post(result('weight', byNhs(number), { performer: [{ reference: `Practitioner?${text}` }] }));
    expect(measured.body.performer[0].reference).toBe(addressIn(created));
  });
});
