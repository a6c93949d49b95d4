import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { contributionKey, MARKER } from './table/items.ts';
import type { Table } from './table/reading.ts';

/** Tells whether there is a record, for functions that may read none. */
export interface KnownPersons {
  /** True once anything was contributed about the person, strongly consistent. Another name of a person is not a record. */
  isKnown(person: string): Promise<boolean>;
}

/** @param table the Record table: `Query` is all that is needed */
export function createKnownPersons({ client, table }: Table): KnownPersons {
  return {
    isKnown: async (person) => {
      // The live partition holds contributions until they are compacted, and a marker from then on. The marker comes first.
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: '#subject = :subject AND #item BETWEEN :from AND :to',
          ProjectionExpression: '#item',
          ExpressionAttributeNames: { '#subject': 'subject', '#item': 'item' },
          ExpressionAttributeValues: { ':subject': { S: person }, ':from': { S: contributionKey(0) }, ':to': { S: MARKER } },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      return Items.length > 0;
    },
  };
}
