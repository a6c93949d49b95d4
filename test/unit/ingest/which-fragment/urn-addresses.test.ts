import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesIn, type Partner, type Partners, postEntry, type Resource, startPartners, statusesIn } from '../partners.ts';
import { byNhs, nhsNumber, result, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const div = (inner: string) => ({
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>` },
});
const extension = (value: object) => ({ extension: [{ url: 'https://uhd.example/extension', ...value }] });

/** A resource as it is kept. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into any element
type Parsed = Readonly<Record<string, any>>;

/** Elements that hold an address which is no Reference (http://hl7.org/fhir/R4/http.html#trules), where they may stand. */
const PLACES: readonly (readonly [string, (urn: string, number: string) => Resource, (read: Parsed) => unknown])[] = [
  ['a uri', (urn, number) => result('x', byNhs(number), extension({ valueUri: urn })), (read) => read.extension[0].valueUri],
  ['a url', (urn, number) => result('x', byNhs(number), extension({ valueUrl: urn })), (read) => read.extension[0].valueUrl],
  [
    'a canonical',
    (urn, number) => result('x', byNhs(number), extension({ valueCanonical: urn })),
    (read) => read.extension[0].valueCanonical,
  ],
  ['a uuid', (urn, number) => result('x', byNhs(number), extension({ valueUuid: urn })), (read) => read.extension[0].valueUuid],
  [
    'a list of uri',
    (urn, number) => ({ ...carePlan(number), instantiatesUri: ['https://other.example', urn] }),
    (read) => read.instantiatesUri[1],
  ],
  [
    'a list of canonical',
    (urn, number) => ({ ...carePlan(number), instantiatesCanonical: [urn] }),
    (read) => read.instantiatesCanonical[0],
  ],
  [
    'a canonical of its own',
    (urn, number) => ({ resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: urn, subject: byNhs(number) }),
    (read) => read.questionnaire,
  ],
  [
    'the url of an attachment',
    (urn, number) => ({
      resourceType: 'DocumentReference',
      status: 'current',
      subject: byNhs(number),
      content: [{ attachment: { url: urn } }],
    }),
    (read) => read.content[0].attachment.url,
  ],
  [
    'a uri deep inside a contained resource',
    (urn, number) => ({
      ...result('x', byNhs(number)),
      contained: [{ resourceType: 'Device', id: 'd', ...extension({ valueUri: urn }) }],
      device: { reference: '#d' },
    }),
    (read) => read.contained[0].extension[0].valueUri,
  ],
];

const carePlan = (number: string) => ({ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: byNhs(number) });

/** What is pointed at: a result of the same person, posted under a urn:uuid. */
const target = (number: string, urn: string) => postEntry(result('target', byNhs(number), { id: unique('target') }), urn);

const read = async (address: string) => JSON.parse((await partners.versions(address))[0]!.body!);

describe.each(PLACES)('urn:uuid of an entry in %s', (_place, make, readValue) => {
  it.each(['before', 'after'])('is replaced by the address of the entry, which comes %s', async (order) => {
    const [number, urn] = [nhsNumber(), `urn:uuid:${randomUUID()}`];
    const entries = [target(number, urn), postEntry(make(urn, number))];
    const answer = await hospital.transaction(...(order === 'before' ? entries : entries.toReversed()));
    expect(statusesIn(answer)).toEqual([201, 201]);
    const [entry, referrer] = order === 'before' ? addressesIn(answer) : addressesIn(answer).reverse();
    expect(readValue(await read(referrer!))).toBe(entry);
  });

  it('of no entry is kept', async () => {
    const [number, urn] = [nhsNumber(), `urn:uuid:${randomUUID()}`];
    const answer = await hospital.transaction(target(number, `urn:uuid:${randomUUID()}`), postEntry(make(urn, number)));
    expect(readValue(await read(addressesIn(answer)[1]!))).toBe(urn);
  });

  it('sent again under other uuids writes nothing', async () => {
    const [number, id] = [nhsNumber(), unique('same')];
    const send = () => {
      const urn = `urn:uuid:${randomUUID()}`;
      const referred = postEntry(result('target', byNhs(number), { id: `${id}-target` }), urn);
      return hospital.transaction(referred, postEntry({ ...make(urn, number), id }));
    };
    const [first, second] = [await send(), await send()];
    expect(statusesIn(second)).toEqual([200, 200]);
    expect(addressesIn(second)).toEqual(addressesIn(first));
    expect(await partners.versions(addressesIn(first)[1]!)).toHaveLength(1);
  });
});

describe('urn:oid of an entry', () => {
  it('is replaced in an element of type oid, and in a Reference', async () => {
    const [number, urn] = [nhsNumber(), 'urn:oid:1.2.826.0.1.999.42'];
    const answer = await hospital.transaction(
      target(number, urn),
      postEntry(result('x', byNhs(number), { ...extension({ valueOid: urn }), hasMember: [{ reference: urn }] })),
    );
    const [entry, referrer] = addressesIn(answer);
    const { extension: found, hasMember } = await read(referrer!);
    expect([found[0].valueOid, hasMember[0].reference]).toEqual([entry, entry]);
  });
});

describe('urn:uuid of an entry in the narrative', () => {
  it('is replaced in href and src, and nowhere else', async () => {
    const [number, urn, unknown] = [nhsNumber(), `urn:uuid:${randomUUID()}`, `urn:uuid:${randomUUID()}`];
    const inner = (address: string) =>
      `<p>${urn} <a href="${address}">the result</a> <img src="${address}" alt="x"/> <a href='${address}'>again</a> <a href="${unknown}">other</a></p>`;
    const answer = await hospital.transaction(target(number, urn), postEntry(result('x', byNhs(number), div(inner(urn)))));
    const [entry, referrer] = addressesIn(answer);
    expect((await read(referrer!)).text.div).toBe(div(inner(entry!)).text.div);
  });
});

describe('what only looks like an address of an entry', () => {
  it('stays: strings, identifiers, codes and longer texts', async () => {
    const [number, urn] = [nhsNumber(), `urn:uuid:${randomUUID()}`];
    const said = {
      note: [{ text: urn }],
      valueString: urn,
      identifier: [{ system: 'urn:ietf:rfc:3986', value: urn }],
      extension: [{ url: 'https://uhd.example/extension', valueUri: `${urn}-longer` }],
    };
    const answer = await hospital.transaction(target(number, urn), postEntry(result('x', byNhs(number), said)));
    const { note, valueString, identifier, extension: found } = await read(addressesIn(answer)[1]!);
    expect({ note, valueString, identifier, extension: found }).toEqual(said);
  });

  it('leads nowhere outside its own bundle', async () => {
    const [number, urn] = [nhsNumber(), `urn:uuid:${randomUUID()}`];
    await hospital.transaction(target(number, urn));
    const answer = await hospital.transaction(postEntry(result('x', byNhs(number), extension({ valueUri: urn }))));
    expect((await read(addressesIn(answer)[0]!)).extension[0].valueUri).toBe(urn);
  });
});
