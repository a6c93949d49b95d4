import { randomBytes } from 'node:crypto';
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { startEngine } from '../engine.ts';
import { type Measurement, measure } from './measure.ts';

/** The floor: the raw engine through the raw SDK, doing the least that our operations must do. Nothing of Chesil runs here. */
export async function measureFloor(dbPath: string): Promise<readonly Measurement[]> {
  const engine = await startEngine({ dbPath });
  const { client } = engine;
  const put = (name: string, bytes: number) => {
    const body = randomBytes(bytes);
    return (index: number) =>
      client.send(
        new PutItemCommand({
          TableName: 'Audit',
          Item: { person: { S: `${name}${index % 100}` }, access: { S: String(index).padStart(12, '0') }, body: { B: body } },
          ConditionExpression: 'attribute_not_exists(access)',
        }),
      );
  };
  const query = (name: string) => () =>
    client.send(
      new QueryCommand({
        TableName: 'Audit',
        KeyConditionExpression: 'person = :person',
        ExpressionAttributeValues: { ':person': { S: name } },
        ConsistentRead: true,
      }),
    );
  try {
    await put('small', 700)(0);
    await put('large', 55_000)(0);
    const measured: Measurement[] = [];
    for (const atOnce of [1, 16]) {
      const trial = { atOnce, operations: atOnce === 1 ? 400 : 2_000 };
      measured.push(await measure({ ...trial, operation: 'conditional put of 0.7 kB', run: put(`put${atOnce}-`, 700) }));
      measured.push(await measure({ ...trial, operation: 'query of 0.7 kB', run: query('small0') }));
      measured.push(await measure({ ...trial, operation: 'query of 55 kB', run: query('large0') }));
    }
    return measured;
  } finally {
    await engine.stop();
  }
}
