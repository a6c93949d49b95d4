import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/alert/alert.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import { type ReviewTask, taskId, taskOfGrant } from '../../../shared/access/review/task.ts';
import { createPublisher } from '../../../shared/bus/publish.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { type FailingBus, startFailingBus } from '../announce/failing-bus.ts';

const PERSON = 'a'.repeat(26);

const grant = (id: string, kind: Grant['kind'] = 'break-glass', organisation = 'hhft'): Grant => ({
  id: id.padEnd(16, 'a'),
  kind,
  person: PERSON,
  staff: 'hampshire|nurse',
  role: 'clinician',
  organisation,
  from: '2026-11-24T10:00:00.000Z',
  until: '2026-11-24T14:00:00.000Z',
  reason: { code: 'emergency', text: 'Unconscious in the emergency department.' },
});

const streamed = (...tasks: readonly ReviewTask[]): DynamoDBRecord[] =>
  tasks.map((task, index) => ({
    eventName: 'INSERT',
    dynamodb: {
      NewImage: { kind: { S: task.kind }, content: { S: JSON.stringify(task) } },
      SequenceNumber: String(1000 + index),
    },
  }));

let bus: FailingBus;
const lines: string[] = [];
beforeEach(async () => {
  bus = await startFailingBus();
  lines.length = 0;
});
afterEach(() => bus.stop());

function alerter() {
  const write = (message: string, fields: object) => lines.push(JSON.stringify({ message, ...fields }));
  const log = createLog({ info: write, warn: write, error: write } as never);
  const publish = createPublisher({ client: bus.client, log, now: Date.now, random: () => 0, sleep: async () => {} });
  const origin = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
  const handler = createHandler({ publish, origin, lead: 'dorset-icb', bus: 'test', log, now: () => new Date() });
  return (Records: DynamoDBRecord[]) => handler({ Records }, { getRemainingTimeInMillis: () => 60_000 });
}

/** A question to the records office of an organisation. */
const question: ReviewTask = {
  id: taskId({ organisation: 'uhd', office: 'records', at: '2026-11-24T10:00:00.000Z', name: 'd'.repeat(16) }),
  kind: 'number-corrected',
  organisation: 'uhd',
  at: '2026-11-24T10:00:00.000Z',
  person: PERSON,
  evidence: [],
  about: { otherPerson: 'a'.repeat(26), source: 'nurse' },
};

const finding: ReviewTask = { ...taskOfGrant(grant('f'), undefined), kind: 'finding', rule: 'same-surname' };

describe('alert', () => {
  it('tells the office of the organisation and that of the lead of each task', async () => {
    const tasks = [taskOfGrant(grant('b'), 'Nia Nurse'), taskOfGrant(grant('c', 'claimed', 'dorset-icb'), 'Lea Lead'), finding];
    expect(await alerter()(streamed(...tasks))).toEqual({ batchItemFailures: [] });
    expect(bus.arrived.map(({ type, audience }) => `${type} ${audience}`)).toEqual([
      'break-glass-used dorset-icb,hhft',
      'relationship-claimed dorset-icb',
      'finding-raised dorset-icb,hhft',
    ]);
    expect(bus.arrived[0]!.event).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      source: 'urn:chesil:test',
      type: 'uk.chesil.break-glass-used.1',
      time: '2026-11-24T10:00:00.000Z',
      dataref: 'https://record.example/fhir/R4/Task/hhft.20261124100000000.baaaaaaaaaaaaaaa',
      organisation: 'hhft',
    });
  });

  it('tells the records office, and no privacy office, of a question about whose record it is', async () => {
    await alerter()(streamed(question, finding));
    expect(bus.arrived.map(({ type, office, audience }) => `${type} ${office} ${audience}`)).toEqual([
      'number-corrected records dorset-icb,uhd',
      'finding-raised privacy dorset-icb,hhft',
    ]);
    expect(bus.arrived[0]!.event.dataref).toBe(`https://record.example/fhir/R4/Task/${question.id}`);
  });

  it('names nobody and gives no reason, in no event and no line of the log', async () => {
    await alerter()(streamed(taskOfGrant(grant('b'), 'Nia Nurse'), finding, question));
    expect(JSON.stringify(bus.arrived) + lines.join()).not.toMatch(/a{26}|nurse|Nia|Unconscious|emergency|clinician/);
  });

  it('gives an event the same id when its task is handed over again', async () => {
    const records = streamed(taskOfGrant(grant('b'), undefined), taskOfGrant(grant('c'), undefined));
    await alerter()(records);
    await alerter()(records);
    const ids = bus.arrived.map(({ event }) => event.id);
    expect(ids.slice(2)).toEqual(ids.slice(0, 2));
    expect(new Set(ids).size).toBe(2);
  });

  it('hands back from the first task that cannot be told of, and tells of those beside it', async () => {
    const records = streamed(...['b', 'c', 'd'].map((id) => taskOfGrant(grant(id), undefined)));
    records[1]!.dynamodb!.NewImage!.content!.S = '{"kind":"break-glass","person":"of another form"}';
    expect(await alerter()(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '1001' }] });
    expect(bus.arrived).toHaveLength(2);
    bus.down = true;
    expect(await alerter()(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '1000' }] });
  });
});
