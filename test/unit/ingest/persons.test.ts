import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, idOf, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf } from './resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

const personIn = (location: string | undefined): string => idOf(location).split('.')[0]!;
const about = (reference: string) => ({ subject: { reference } });

describe('a Patient', () => {
  it('with an NHS number is that person, and its create answers with its own id', async () => {
    const number = nhsNumber();
    const created = await ingest.send(
      'POST',
      'Patient',
      patient([
        [MRN, 'a1'],
        [NHS, number],
      ]),
    );
    expect(created.status).toBe(201);
    expect(idOf(created.headers.location)).toMatch(new RegExp(`^${personOf(number)}\\.[a-z2-7]{16}$`));
  });

  it("can then be referred to by its organisation's own names, and by nobody else's", async () => {
    const number = nhsNumber();
    await ingest.send(
      'POST',
      'Patient',
      patient(
        [
          [MRN, 'a2'],
          [NHS, number],
        ],
        { id: 'pas-a2' },
      ),
    );
    const subjects = [
      about('Patient/pas-a2'),
      about(`Patient?identifier=${MRN}|a2`),
      about(`Patient?identifier=${NHS}|${number}`),
      about(`Patient/${personOf(number)}`),
      { subject: { identifier: { system: MRN, value: 'a2' } } },
      { subject: { reference: 'https://elsewhere.example/Patient/1', identifier: { system: NHS, value: number } } },
    ];
    for (const [index, subject] of subjects.entries()) {
      const created = await ingest.send('POST', 'Observation', observation(`a2-${index}`, subject));
      expect(created.body.subject.reference).toBe(`Patient/${personOf(number)}`);
    }
    for (const subject of subjects.slice(0, 2)) {
      const answer = await ingest.send('POST', 'Observation', observation('x', subject), { as: 'dch' });
      expect([answer.status, codesOf(answer)]).toEqual([422, ['unknown-subject']]);
    }
  });

  it('without a number is a person of its own organisation', async () => {
    const ours = await ingest.send('POST', 'Patient', patient([[MRN, 'baby-1']]));
    const theirs = await ingest.send('POST', 'Patient', patient([[MRN, 'baby-1']]), { as: 'dch' });
    expect(personIn(ours.headers.location)).not.toBe(personIn(theirs.headers.location));
    const again = await ingest.send('POST', 'Patient', patient([[MRN, 'baby-1']], { gender: 'female' }));
    expect([again.status, addressOf(again.headers.location)]).toEqual([200, addressOf(ours.headers.location)]);
  });

  it('going by two numbers is refused; a superseded one does not count', async () => {
    const [now, old] = [nhsNumber(), nhsNumber()];
    const two = await ingest.send(
      'POST',
      'Patient',
      patient([
        [NHS, now],
        [NHS, old],
      ]),
    );
    expect([two.status, codesOf(two)]).toEqual([422, ['several-subjects']]);
    const identifier = [
      { system: NHS, value: old, use: 'old' },
      { system: NHS, value: now },
    ];
    const created = await ingest.send('POST', 'Patient', { ...patient([[MRN, 'x']]), identifier });
    expect(personIn(created.headers.location)).toBe(personOf(now));
  });

  it('that is sent another number under our id is a correction: it leaves the record of the wrong number', async () => {
    const [one, two] = [nhsNumber(), nhsNumber()];
    const identifier = (number: string) => [
      { system: MRN, value: 'n1' },
      { system: NHS, value: number },
    ];
    const created = await ingest.send('POST', 'Patient', { ...patient([]), identifier: identifier(one) });
    const address = addressOf(created.headers.location);
    const answer = await ingest.send('PUT', address, { ...created.body, identifier: identifier(two) });
    expect([answer.status, personIn(answer.headers.location)]).toEqual([201, personOf(two)]);
    const left = (await ingest.store.fold(personOf(one))).fragments.get(address.split('.')[1]!);
    expect(left?.action).toBe('retracted');
    expect((await ingest.store.person(personOf(two))).folds).toHaveLength(1);
  });
});

describe('when an NHS number arrives for somebody who was known without one', () => {
  async function baby(mrn: string) {
    const born = await ingest.send('POST', 'Patient', patient([[MRN, mrn]], { id: `pas-${mrn}` }));
    const result = await ingest.send('POST', 'Observation', observation(mrn, about(`Patient/pas-${mrn}`)));
    return { born, result, local: personIn(born.headers.location) };
  }

  it('both are linked, the fragments stay where they are, and nothing is doubled', async () => {
    const { born, result, local } = await baby('b1');
    const number = nhsNumber();
    const numbered = patient(
      [
        [MRN, 'b1'],
        [NHS, number],
      ],
      { id: 'pas-b1' },
    );
    const registered = await ingest.send('POST', 'Patient', numbered);
    expect([registered.status, registered.headers.etag, addressOf(registered.headers.location)]).toEqual([
      200,
      'W/"2"',
      addressOf(born.headers.location),
    ]);
    for (const id of [local, personOf(number)]) {
      const record = await ingest.store.person(id);
      expect(record.personId).toBe(personOf(number));
      expect(record.folds.flatMap(({ fragments }) => [...fragments.values()])).toHaveLength(2);
    }
    // The night's whole extract: everything again.
    const again = [
      await ingest.send('POST', 'Patient', numbered),
      await ingest.send('POST', 'Observation', observation('b1', about('Patient/pas-b1'))),
    ];
    expect(again.map(({ status, headers }) => [status, addressOf(headers.location)])).toEqual([
      [200, addressOf(born.headers.location)],
      [200, addressOf(result.headers.location)],
    ]);
    expect(again.map(({ headers }) => headers.etag)).toEqual(['W/"2"', 'W/"1"']);
    // What the source says by its own id stays its own local person's; what bears the number goes to the number.
    const news = await ingest.send('POST', 'Observation', observation('b1-new', about('Patient/pas-b1')));
    expect(personIn(news.headers.location)).toBe(local);
    const theirs = await ingest.send('POST', 'Observation', observation('b1-dch', of(number)), { as: 'dch' });
    expect(personIn(theirs.headers.location)).toBe(personOf(number));
  });

  it('in one transaction, and the same by way of the id that was answered', async () => {
    const { born, local } = await baby('b2');
    const number = nhsNumber();
    const read = born.body;
    const answer = await ingest.send('PUT', addressOf(born.headers.location), {
      ...read,
      identifier: [...read.identifier, { system: NHS, value: number }],
    });
    expect(answer.status).toBe(200);
    const [one, other] = await Promise.all([ingest.store.fold(local), ingest.store.fold(personOf(number))]);
    expect([[...one.links.keys()], [...other.links.keys()]]).toEqual([[personOf(number)], [local]]);
    expect(one.recordedAt).toBe(other.recordedAt);
  });

  it('also in a bundle with everything else, once for sixteen at once', async () => {
    const { local } = await baby('b3');
    const number = nhsNumber();
    const url = 'urn:uuid:55555555-5555-4555-8555-555555555555';
    const entry = [
      {
        fullUrl: url,
        resource: patient(
          [
            [MRN, 'b3'],
            [NHS, number],
          ],
          { id: 'pas-b3' },
        ),
        request: { method: 'POST', url: 'Patient' },
      },
      { resource: observation('b3', about(url)), request: { method: 'POST', url: 'Observation' } },
    ];
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        ingest.instance().send('POST', '/', { resourceType: 'Bundle', type: 'transaction', entry }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
    const record = await ingest.store.person(personOf(number));
    expect(record.folds.map(({ subject }) => subject).sort()).toEqual([local, personOf(number)].sort());
    expect(record.folds.flatMap(({ fragments }) => [...fragments.values()])).toHaveLength(2);
  });

  it('never links two numbers: a corrected number is another person', async () => {
    const [wrong, right] = [nhsNumber(), nhsNumber()];
    const numbered = (number: string) =>
      patient([
        [MRN, 'c1'],
        [NHS, number],
      ]);
    const first = await ingest.send('POST', 'Patient', numbered(wrong));
    const second = await ingest.send('POST', 'Patient', numbered(right));
    expect([personIn(first.headers.location), personIn(second.headers.location)]).toEqual([personOf(wrong), personOf(right)]);
    expect((await ingest.store.person(personOf(right))).folds).toHaveLength(1);
    const result = await ingest.send('POST', 'Observation', observation('c1', about(`Patient?identifier=${MRN}|c1`)));
    expect(personIn(result.headers.location)).toBe(personOf(right));
  });

  it('and is taken back without another: its patient goes by the patient number again', async () => {
    const number = nhsNumber();
    const numbered = patient([
      [MRN, 'c2'],
      [NHS, number],
    ]);
    await ingest.send('POST', 'Patient', numbered);
    const alone = await ingest.send('POST', 'Patient', patient([[MRN, 'c2']]));
    expect(personIn(alone.headers.location)).not.toBe(personOf(number));
    expect((await ingest.store.person(personOf(number))).folds).toHaveLength(1);
  });
});

describe('a merge in the source', () => {
  const replaced = (id: string, mrn: string, by: string) =>
    patient([[MRN, mrn]], { id, link: [{ other: { reference: by }, type: 'replaced-by' }] });

  it('links the two, shows the survivor, and its end unlinks them', async () => {
    const number = nhsNumber();
    await ingest.send(
      'POST',
      'Patient',
      patient(
        [
          [MRN, 'm1'],
          [NHS, number],
        ],
        { id: 'keep-1' },
      ),
    );
    const loser = await ingest.send('POST', 'Patient', patient([[MRN, 'm2']], { id: 'drop-1' }));
    const local = personIn(loser.headers.location);
    const merged = await ingest.send('POST', 'Patient', replaced('drop-1', 'm2', 'Patient/keep-1'));
    expect(merged.body.link[0].other.reference).toBe(`Patient/${personOf(number)}`);
    expect((await ingest.store.person(local)).personId).toBe(personOf(number));
    const again = await ingest.send('POST', 'Patient', replaced('drop-1', 'm2', 'Patient/keep-1'));
    expect(again.headers.etag).toBe(merged.headers.etag);
    await ingest.send('POST', 'Patient', patient([[MRN, 'm2']], { id: 'drop-1' }));
    expect((await ingest.store.person(local)).folds).toHaveLength(1);
  });

  it('may name the survivor by number alone, where the source has a Patient of that number', async () => {
    const number = nhsNumber();
    const merged = patient([[MRN, 'm5']], { link: [{ other: of(number).subject, type: 'replaced-by' }] });
    const stranger = await ingest.send('POST', 'Patient', merged);
    expect(codesOf(stranger)).toEqual(['link-without-effect']);
    const local = personIn(stranger.headers.location);
    expect((await ingest.store.person(local)).folds).toHaveLength(1);
    await ingest.send(
      'POST',
      'Patient',
      patient([
        [MRN, 'm6'],
        [NHS, number],
      ]),
    );
    await ingest.send('POST', 'Patient', merged);
    expect((await ingest.store.person(local)).personId).toBe(personOf(number));
  });

  it('of two NHS numbers is kept as a reference, links nothing, and the answer says so', async () => {
    const [one, two] = [nhsNumber(), nhsNumber()];
    await ingest.send(
      'POST',
      'Patient',
      patient(
        [
          [MRN, 'm3'],
          [NHS, one],
        ],
        { id: 'keep-2' },
      ),
    );
    const sent = patient(
      [
        [MRN, 'm4'],
        [NHS, two],
      ],
      { link: [{ other: { reference: 'Patient/keep-2' }, type: 'replaced-by' }] },
    );
    const answer = await ingest.send('POST', 'Patient', sent);
    expect([answer.status, codesOf(answer)]).toEqual([201, ['link-without-effect']]);
    const [subject = '', fragmentId = ''] = idOf(answer.headers.location).split('.');
    const { body } = (await ingest.store.fold(subject)).fragments.get(fragmentId)!;
    expect(JSON.parse(body!).link[0].other.reference).toBe(`Patient/${personOf(one)}`);
    expect((await ingest.store.person(personOf(two))).folds).toHaveLength(1);
  });
});
