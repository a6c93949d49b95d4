import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Denies, to everybody, administrators too, what would change or remove an item. PutItem stays: the code puts only what is not there. So does UpdateTable,
 * without which no deployment could give the table another index: it cannot touch an item, and entries that no stream hands on any more are found by
 * `npm run audit:verify`.
 */
export const appendOnly = (sid: string) =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:PartiQLInsert',
          'dynamodb:PartiQLUpdate',
          'dynamodb:PartiQLDelete',
          // An expiry would have DynamoDB itself delete, in nobody's name.
          'dynamodb:UpdateTimeToLive',
          'dynamodb:DeleteTable',
        ],
        resources: ['*'],
      }),
    ],
  });
