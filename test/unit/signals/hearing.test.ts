import { describe, expect, it } from 'vitest';
import type { ChangeEvent } from '../../../shared/changes/envelope.ts';
import { organisationEvent } from '../../../shared/changes/organisation-events.ts';
import type { Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import { createHearing } from '../../../shared/signals/hearing.ts';
import type { Signal } from '../../../shared/signals/signal.ts';
import { MARKED } from '../access/marked.ts';
import { codeOf, fragment, giving, linked, NOW, newAccess, PERSON, recordOf, SOMEBODY_ELSE } from '../access/people.ts';

const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };

/** What is told of a fragment, or, without one, of the person. */
function signalOf(about: Fragment | undefined, told: Partial<ChangeEvent & Signal> = {}): Signal {
  const { formerly = false, ...event } = told;
  return {
    event: {
      specversion: '1.0',
      id: about?.fragmentId ?? 'person',
      source: ORIGIN.source,
      type: 'uk.chesil.fragment-updated.1',
      time: NOW,
      subject: about?.subject ?? PERSON,
      dataref: `${ORIGIN.fhirUrl}/Patient/${PERSON}`,
      sequence: '1795420800000',
      part: 1,
      parts: 1,
      partof: 'parts',
      contributor: 'elsewhere',
      ...event,
    },
    formerly,
    announcedAt: 0,
    ...(about === undefined ? {} : { fragmentId: about.fragmentId }),
  };
}

/** What is heard of records, and which of them were read. */
function hearingOf(...records: readonly PersonRecord[]) {
  const read: string[] = [];
  const underWay = { now: 0, most: 0 };
  const person = async (personId: string): Promise<PersonRecord> => {
    read.push(personId);
    underWay.most = Math.max(underWay.most, ++underWay.now);
    await new Promise((resolve) => setImmediate(resolve));
    underWay.now--;
    const found = records.find(({ folds }) => folds.some(({ subject }) => subject === personId));
    if (found === undefined) throw new Error('the table does not answer');
    return found;
  };
  const { mayHear } = createHearing({ records: { person }, access: newAccess(), now: () => new Date(NOW) });
  return { mayHear, read, underWay };
}

const stay = giving('third', 'encounter', { from: '2026-11-18', names: [codeOf('ours')] });
const plain = fragment('elsewhere');
const hidden = fragment('elsewhere', MARKED.restricted);

describe('at delivery', () => {
  it('is told what may be seen, and nothing that may not', async () => {
    const { mayHear } = hearingOf(recordOf(stay, plain, hidden));
    const signals = [plain, hidden, undefined].map((about) => signalOf(about));
    expect(await mayHear('ours', signals)).toEqual([true, false, true]);
    expect(await mayHear('third', signals)).toEqual([true, false, true]);
    expect(await mayHear('council', signals)).toEqual([false, false, false]);
    expect(await mayHear('nobody', signals)).toEqual([false, false, false]);
  });

  it('is told of what a fragment is now, not of what it was when it was announced', async () => {
    const { mayHear } = hearingOf(recordOf(stay, { ...plain, version: 2, ...MARKED.restricted }));
    expect(await mayHear('ours', [signalOf(plain), signalOf(plain, { formerly: true })])).toEqual([false, false]);
  });

  it('is told of a retraction by what was retracted', async () => {
    const retracted = { action: 'retracted', body: undefined } as const;
    const { mayHear } = hearingOf(recordOf(stay, { ...plain, ...retracted }, { ...hidden, ...retracted }));
    expect(await mayHear('ours', [signalOf(plain), signalOf(hidden)])).toEqual([true, false]);
    expect(await mayHear('council', [signalOf(plain, { formerly: true }), signalOf(hidden, { formerly: true })])).toEqual([
      true,
      false,
    ]);
  });

  it('is told nothing of a fragment that the record does not hold', async () => {
    const { mayHear } = hearingOf(recordOf(stay, plain));
    expect(await mayHear('ours', [signalOf(fragment('elsewhere'))])).toEqual([false]);
  });

  it('is told no more once the person has opted out, but that they have, to whoever could see until then', async () => {
    const { mayHear } = hearingOf(recordOf(stay, plain, giving('elsewhere', 'opt-out')));
    const optOut = { type: 'uk.chesil.opt-out-changed.1', contributor: undefined };
    const signals = [
      signalOf(plain),
      signalOf(plain, { formerly: true }),
      signalOf(undefined, { formerly: true }),
      signalOf(undefined, optOut),
      signalOf(undefined, { ...optOut, formerly: true }),
    ];
    expect(await mayHear('ours', signals)).toEqual([false, false, false, false, true]);
    expect(await mayHear('elsewhere', signals)).toEqual([true, true, true, true, true]);
  });

  it('is told nothing that says where a restricted person was, and goes on hearing what does not', async () => {
    const { mayHear } = hearingOf(recordOf(stay, plain, giving('elsewhere', 'restricted')));
    const queued = signalOf(plain);
    const since = signalOf(plain, { contributor: undefined });
    const flagged = signalOf(undefined, { type: 'uk.chesil.restricted-flag-set.1', contributor: undefined });
    expect(await mayHear('ours', [queued, since, flagged])).toEqual([false, true, true]);
    // Nor of the past, to whoever would choose among it by practice.
    expect(await mayHear('elsewhere', [queued, { ...queued, replay: 'r' }, { ...since, replay: 'r' }])).toEqual([
      true,
      false,
      true,
    ]);
    expect(
      await mayHear('council', [
        { ...since, formerly: true },
        { ...flagged, formerly: true },
      ]),
    ).toEqual([false, true]);
  });

  it('is told for whoever has taken over from an organisation', async () => {
    const { mayHear } = hearingOf(recordOf(stay, plain));
    expect(await mayHear('old-ours', [signalOf(plain)])).toEqual([true]);
  });

  it('is told of either of two linked records, and of each fragment in its own', async () => {
    const other = { ...plain, subject: SOMEBODY_ELSE };
    const { mayHear } = hearingOf(linked(recordOf(stay), recordOf(other)));
    expect(await mayHear('ours', [signalOf(other), signalOf(plain)])).toEqual([true, false]);
  });

  it('is told what is about an organisation, without reading anything', async () => {
    const { mayHear, read } = hearingOf();
    const change = {
      name: 'feed-stale',
      organisation: 'ours',
      at: NOW,
      occasion: '1',
      sequence: '1795420800000',
      reference: 'x',
      audience: [],
    };
    const event = organisationEvent(change as Parameters<typeof organisationEvent>[0], ORIGIN);
    expect(await mayHear('ours', [{ event, formerly: false, announcedAt: 0 }])).toEqual([true]);
    expect(read).toEqual([]);
  });

  it('reads each record once, sixteen at a time', async () => {
    const persons = Array.from({ length: 40 }, (_, index) =>
      index.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(26, 'c'),
    );
    const signals = persons.flatMap((subject) => [1, 2].map(() => signalOf({ ...plain, subject })));
    const { mayHear, read, underWay } = hearingOf(
      ...persons.map((subject) => recordOf({ ...stay, subject }, { ...plain, subject })),
    );
    expect(await mayHear('ours', signals)).toEqual(signals.map(() => true));
    expect(read.toSorted()).toEqual(persons.toSorted());
    expect(underWay.most).toBe(16);
  });

  it('decides nothing about what it cannot read: whoever asked asks again', async () => {
    const { mayHear } = hearingOf();
    await expect(mayHear('ours', [signalOf(plain)])).rejects.toThrow('the table does not answer');
  });
});
