import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { apiHandler } from '../../../shared/lambda/api.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { isOutage } from '../../../shared/lambda/outage.ts';

const SILENT = createLog();
const EVENT = {
  httpMethod: 'GET',
  path: '/R4/Patient/abc',
  resource: '/R4/{type}/{id}',
  headers: { Host: 'care.example', 'X-Forwarded-Proto': 'https' },
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
  requestContext: { requestId: 'r', path: '/fhir/R4/Patient/abc', authorizer: {} },
} as unknown as APIGatewayProxyEvent;

/** What a client of the SDK throws when it asks a store that answers so; of `undefined`, one that is not there. */
async function errorOf(answer: RequestListener | undefined): Promise<unknown> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  if (answer === undefined) await new Promise((resolve) => server.close(resolve));
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const thrown = await client.send(new GetItemCommand({ TableName: 'Record', Key: {} })).catch((error: unknown) => error);
  client.destroy();
  server.closeAllConnections();
  server.close();
  return thrown;
}

const refusing =
  (status: number, code: string): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'no' }));
  };

describe('a request that fails because its store', () => {
  it.each<[string, RequestListener | undefined]>([
    ['fails by itself', refusing(500, 'InternalServerError')],
    ['is not available', refusing(503, 'ServiceUnavailable')],
    ['is asked too often', refusing(400, 'ProvisionedThroughputExceededException')],
    ['is not there', undefined],
    ['hangs up', (request) => void request.socket.destroy()],
  ])('%s is answered 503, with what to do and when', async (_, answer) => {
    const error = await errorOf(answer);
    const routes = async () => {
      throw new Error('a contribution could not be written', { cause: error });
    };
    const result = await apiHandler(routes, SILENT)(EVENT, {} as Context);
    expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expect(JSON.parse(result.body)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'no-store', details: { coding: [{ code: 'store-unavailable' }] } }],
    });
  });

  it('refuses what was asked is a bug of ours', async () => {
    const error = await errorOf(refusing(400, 'ValidationException'));
    expect(isOutage(error)).toBe(false);
    expect(isOutage(new Error('x', { cause: error }))).toBe(false);
    expect(isOutage('ECONNREFUSED')).toBe(false);
  });
});
