import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environmentOf, type FunctionDescription } from '../../infra/local/functions/description.ts';
import { FunctionFailed } from '../../infra/local/functions/failure.ts';
import { createFunctions, type Functions, type Parallelism } from '../../infra/local/functions/functions.ts';
import { type Assembly, writeAssembly } from './assembly.ts';

const SOURCES = {
  answer: `exports.handler = async (event, context) => ({ event, remaining: context.getRemainingTimeInMillis(), name: context.functionName, arn: context.invokedFunctionArn })`,
  environment: `exports.handler = async () => process.env`,
  fail: `exports.handler = async () => { class OutOfPaper extends Error { name = 'OutOfPaper' } throw new OutOfPaper('no paper') }`,
  exit: `exports.handler = async () => process.exit(3)`,
  uncaught: `exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('later') }, 5))`,
  hungry: `exports.handler = async () => { const eaten = []; for (;;) eaten.push(new Array(1e5).fill(eaten.length)) }`,
  sleepy: `exports.handler = (event) => new Promise((done) => setTimeout(done, event.ms, event))`,
  waiting: `const { existsSync } = require('node:fs'); exports.handler = ({ file }) => new Promise((done) => { const look = setInterval(() => existsSync(file) && (clearInterval(look), done('released')), 5) })`,
  together: `const waiting = []; exports.handler = ({ wanted }) => new Promise((done) => { if (waiting.push(done) === wanted) for (const each of waiting) each(wanted) })`,
  spin: `exports.handler = async (event) => { if (event.spin) for (;;); return 'free' }`,
  counting: `let count = 0; exports.handler = async () => ++count`,
  speak: `exports.handler = async () => { console.log('said', { a: 1 }); console.error('cried'); process.stdout.write('{"own":"line"}\\n') }`,
  nothing: `exports.other = 1`,
  broken: `require('./not-there')`,
  undefined: `exports.handler = async () => undefined`,
};
type Name = keyof typeof SOURCES;

let assembly: Assembly;
let folder: string;
const running: Functions[] = [];

beforeAll(() => {
  assembly = writeAssembly({ stacks: {}, assets: SOURCES });
  folder = mkdtempSync(join(tmpdir(), 'chesil-functions-'));
});
afterAll(async () => {
  await Promise.all(running.map((functions) => functions.close()));
  assembly.remove();
  rmSync(folder, { recursive: true });
});

const describeFunction = (name: Name, timeoutMs: number): FunctionDescription => ({
  name,
  arn: `arn:${name}`,
  roleArn: 'arn:role',
  folder: join(assembly.folder, name),
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  timeoutMs,
  memoryMb: 64,
  variables: { GIVEN: 'by the template' },
  logFormat: 'JSON',
  logLevel: undefined,
  logGroup: `/aws/lambda/${name}`,
});

function start(name: Name, { timeoutMs = 30_000, ...parallelism }: Partial<Parallelism> & { timeoutMs?: number } = {}) {
  const functions = createFunctions({
    descriptions: [describeFunction(name, timeoutMs)],
    variablesOf: (description) =>
      environmentOf(description, {
        region: 'eu-west-2',
        accessKey: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
        endpoints: { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' },
      }),
    logFolder: folder,
    compileCache: join(folder, 'compiled'),
    parallelism: { environments: 1, eventsAtOnce: 16, ...parallelism },
  });
  running.push(functions);
  return { ...functions, call: (event: unknown = {}) => functions.invoke(`arn:${name}`, event) };
}

const failureOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FunctionFailed);
  return (error as FunctionFailed).failure;
};

const logOf = (name: Name) => readFileSync(join(folder, `${name}.log`), 'utf8');

describe('a function', () => {
  test('answers an event, with the context that Lambda gives', async () => {
    const answer = (await start('answer').call({ a: [1, { b: null }] })) as Record<string, unknown>;
    expect(answer).toMatchObject({ event: { a: [1, { b: null }] }, name: 'answer', arn: 'arn:answer' });
    expect(answer.remaining).toBeGreaterThan(0);
    expect(answer.remaining).toBeLessThanOrEqual(30_000);
  });

  test('finds in its environment what the template gives it and what Lambda sets, and nothing of this process', async () => {
    process.env.OF_THIS_PROCESS = 'secret';
    const variables = (await start('environment').call()) as Record<string, string>;
    expect(variables).toMatchObject({
      GIVEN: 'by the template',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_REGION: 'eu-west-2',
      LAMBDA_TASK_ROOT: join(assembly.folder, 'environment'),
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
    });
    expect(variables).not.toHaveProperty('OF_THIS_PROCESS');
    expect(variables).not.toHaveProperty('PATH');
  });

  test('keeps what it remembers from one event to the next', async () => {
    const { call } = start('counting');
    expect([await call(), await call(), await call()]).toEqual([1, 2, 3]);
  });

  test('that answers nothing answers null', async () => {
    expect(await start('undefined').call()).toBeNull();
  });

  test('writes what it says to its log', async () => {
    await start('speak').call();
    const lines = logOf('speak')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      level: 'INFO',
      message: 'said { a: 1 }',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(lines[1]).toMatchObject({ level: 'ERROR', message: 'cried' });
    expect(lines[2]).toEqual({ own: 'line' });
  });
});

describe('a function that fails', () => {
  test('by throwing: type, message and trace, as Lambda says them', async () => {
    const failure = await failureOf(start('fail').call());
    expect(failure).toMatchObject({ errorType: 'OutOfPaper', errorMessage: 'no paper', cause: 'exception' });
    expect(failure.trace?.[0]).toBe('OutOfPaper: no paper');
    expect(logOf('fail')).toContain('OutOfPaper');
  });

  test.each<[Name, string]>([
    ['exit', 'exit status 3'],
    ['uncaught', 'exit status 1'],
    ['hungry', 'signal: killed'],
  ])('by ending its environment (%s), which is replaced', async (name, how) => {
    const { call } = start(name, { timeoutMs: 30_000 });
    const failure = await failureOf(call());
    expect(failure).toMatchObject({ errorType: 'Runtime.ExitError', cause: 'exit' });
    expect(failure.errorMessage).toContain(how);
    expect((await failureOf(call())).errorType).toBe('Runtime.ExitError');
  });

  test.each<[Name, string]>([
    ['nothing', 'Runtime.HandlerNotFound'],
    ['broken', 'Error'],
  ])('by not loading (%s): at every call, and when it is warmed', async (name, errorType) => {
    const { call, warm } = start(name);
    expect((await failureOf(warm())).errorType).toBe(errorType);
    expect((await failureOf(call())).errorType).toBe(errorType);
    expect((await failureOf(call())).errorType).toBe(errorType);
  });

  test('by taking too long: the others go on, and so does the next', async () => {
    // Given one that takes too long, and another that has begun while the first had a third of its time left
    const { call, warm } = start('waiting', { timeoutMs: 1_500 });
    await warm();
    const released = join(folder, 'released');
    const late = failureOf(call({ file: join(folder, 'never') }));
    const next = new Promise((resolve) => setTimeout(resolve, 1_000)).then(() => call({ file: released }));

    // When the time of the first is over, then the other comes to its end all the same
    const failure = await late;
    expect(failure).toMatchObject({ errorType: 'Sandbox.Timedout', cause: 'timeout' });
    expect(failure.errorMessage).toContain('Task timed out after 1.50 seconds');
    writeFileSync(released, '');
    expect(await next).toBe('released');
    expect(await call({ file: released })).toBe('released');
  });

  test('by never coming back: its thread is ended and replaced', async () => {
    const { call } = start('spin', { timeoutMs: 300 });
    expect((await failureOf(call({ spin: true }))).cause).toBe('timeout');
    expect(await call({})).toBe('free');
  });
});

describe('events at the same time', () => {
  test('one environment takes several', async () => {
    const { call } = start('together');
    // None of them comes to its end before all have begun.
    const ends = await Promise.all(Array.from({ length: 10 }, () => call({ wanted: 10 })));
    expect(ends).toEqual(Array.from({ length: 10 }, () => 10));
  });

  test('as many as it is told, the others wait and none is lost', async () => {
    const { call } = start('counting', { environments: 2, eventsAtOnce: 1 });
    const counts = (await Promise.all(Array.from({ length: 40 }, () => call()))) as number[];
    expect(counts).toHaveLength(40);
    expect(Math.max(...counts)).toBeLessThan(40);
  });

  test('after the end there is nobody to take any', async () => {
    const { call, close } = start('answer');
    await close();
    expect((await failureOf(call())).errorMessage).toBe('The runtime is stopping');
  });
});
