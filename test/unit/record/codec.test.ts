import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runAtOnce } from '../../../shared/concurrency/steps.ts';
import { decodeContribution, encodeContribution } from '../../../shared/record/codec.ts';
import type { Contribution, FragmentVersion } from '../../../shared/record/contribution.ts';
import { DICTIONARIES } from '../../../shared/record/dictionaries.ts';
import { logicalId } from '../../../shared/record/identity.ts';
import { openManifest, stampOf } from '../../../shared/record/packed.ts';
import { fragmentId, history, personId } from './histories.ts';
import { WRITTEN_WITH } from './written.ts';

const subject = personId('history');

const store = (contribution: Contribution) => ({
  subject: contribution.subject,
  sequence: contribution.sequence,
  ...encodeContribution(contribution),
});
const thereAndBack = (contribution: Contribution): Contribution => ({ ...decodeContribution(store(contribution)) });

const letters = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const texts = fc.array(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 3 });

const version: fc.Arbitrary<FragmentVersion> = fc.record(
  {
    fragmentId: letters('abcdefghijklmnopqrstuvwxyz234567', 16),
    type: fc.constantFrom('Observation', 'Patient', 'QuestionnaireResponse'),
    version: fc.integer({ min: 1, max: 1e9 }),
    action: fc.constantFrom('created' as const, 'updated' as const, 'retracted' as const, 'late' as const),
    hash: letters('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 16),
    section: fc.constantFrom('findings', 'problems'),
    date: fc.constantFrom('1950', '1950-06', '2024-02-29T23:59:59.999999+14:00'),
    codes: texts,
    labels: texts,
    sourceTime: fc.constantFrom('2024-01-01T00:00:00Z', '2024-01-01T00:00:00.123+01:00'),
    sourceVersion: fc.string({ minLength: 1 }),
  },
  { requiredKeys: ['fragmentId', 'type', 'version', 'action', 'hash', 'section', 'codes', 'labels'] },
);

const recordedAt = fc
  .date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** A body as it is stamped, any other object on one line, or none. */
const body = fc.oneof(
  fc.constant('stamped' as const),
  fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })).map((object) => JSON.stringify(object)),
  fc.constant(undefined),
);

const contribution: fc.Arbitrary<Contribution> = fc
  .record({
    sequence: fc.integer({ min: 1, max: 1e11 }),
    recordedAt,
    contributor: fc.constantFrom('uhd', 'dch'),
    client: fc.string(),
    source: fc.constantFrom('main', 'laboratory'),
    requestId: fc.string({ unit: 'binary' }),
    parts: fc.array(fc.tuple(version, body, fc.jsonValue()), { maxLength: 12 }),
    link: fc.option(fc.constant({ kind: 'link' as const, person: personId('a'), survivor: personId('b') }), { nil: undefined }),
    questions: fc.option(
      fc.constant([
        { kind: 'number-corrected' as const, otherPerson: personId('b'), fragmentIds: ['b'.repeat(16)], source: 'lab' },
      ]),
      { nil: undefined },
    ),
  })
  .map(({ parts, link, questions, ...common }) => ({
    subject,
    ...common,
    ...(link === undefined ? {} : { link }),
    ...(questions === undefined ? {} : { questions }),
    fragments: parts.map(([each]) => each),
    bodies: parts.map(([each, kind, value]) =>
      kind === 'stamped' ? `${stampOf(subject, each, common.recordedAt)}},"x":${JSON.stringify(value)}}` : kind,
    ),
  }));

describe('a stored contribution', () => {
  test('is read back byte for byte', () => {
    fc.assert(
      fc.property(contribution, (written) => void expect(thereAndBack(written)).toEqual(written)),
      { numRuns: 300 },
    );
  });

  test('of a whole history is read back byte for byte', () => {
    fc.assert(fc.property(history, (log) => void expect(log.map(thereAndBack)).toEqual(log)));
  });

  test('takes no byte more for the default source', () => {
    const [written] = fc.sample(contribution, 1);
    const { manifest } = encodeContribution({ ...written!, source: 'main', questions: undefined });
    const { facts } = runAtOnce(openManifest<readonly unknown[]>(written!.subject, manifest));
    expect(facts).toHaveLength(written!.link === undefined ? 4 : 5);
  });

  test('keeps what stands in its manifest out of its body', () => {
    const id = fragmentId('uhd', 1);
    const [written] = fc.sample(
      contribution.filter(({ bodies }) => bodies.length > 0),
      1,
    );
    const one = { ...written!, fragments: [{ ...written!.fragments[0]!, fragmentId: id }] };
    const stamped = { ...one, bodies: [`${stampOf(subject, one.fragments[0]!, one.recordedAt)},"tag":[]}}`] };
    const whole = { ...one, bodies: [`{"id":"${logicalId(subject, id)}","resourceType":"Observation","meta":{"tag":[]}}`] };
    expect(store(stamped).body!.byteLength).toBeLessThan(store(whole).body!.byteLength);
  });

  test('is refused before it is written when it could not be read back', () => {
    const [sound] = fc.sample(
      contribution.filter(({ fragments }) => fragments.length > 0),
      1,
    );
    const having = (change: Partial<FragmentVersion>): Contribution => ({
      ...sound!,
      fragments: sound!.fragments.map((each) => ({ ...each, ...change })),
    });
    for (const id of ['short', 'UPPERCASEUPPERCA', 'abcdefghijklmno1'])
      expect(() => store(having({ fragmentId: id }))).toThrow(RangeError);
    expect(() => store(having({ hash: 'no hash' }))).toThrow(RangeError);
    expect(() => store({ ...sound!, bodies: sound!.bodies.map(() => '{\n}') })).toThrow(RangeError);
    expect(() => store({ ...sound!, bodies: sound!.bodies.map(() => '"text"') })).toThrow(RangeError);
    expect(() => store({ ...sound!, recordedAt: '2024-01-01' })).toThrow(RangeError);
  });

  test('written with a dictionary that is not known is refused, not guessed at', () => {
    const [written] = fc.sample(contribution, 1);
    const { manifest, ...rest } = store(written!);
    manifest[0] = 200;
    expect(() => decodeContribution({ manifest, ...rest })).toThrow('dictionary');
  });
});

describe('every version of the dictionary', () => {
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  test.each(WRITTEN_WITH)('$dictionary is the same for ever, and what was written with it can be read', (written) => {
    const dictionary = DICTIONARIES[written.dictionary]!;
    expect([digest(dictionary.manifest), digest(dictionary.body)]).toEqual([written.manifestDigest, written.bodyDigest]);
    const read = decodeContribution({
      subject: written.contribution.subject,
      sequence: written.contribution.sequence,
      manifest: Buffer.from(written.manifest, 'base64'),
      body: Buffer.from(written.body, 'base64'),
    });
    expect({ ...read }).toEqual(written.contribution);
  });

  test('is proved above', () => {
    expect(WRITTEN_WITH.map(({ dictionary }) => dictionary)).toEqual(Object.keys(DICTIONARIES).map(Number));
  });
});
