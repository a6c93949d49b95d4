import { z } from 'zod';
import { accountId, doubles, organisationId, type Tell, tellDoubles } from './shapes.ts';

/** A machine that signals may be posted to: an origin, without path. On this machine alone it may be without TLS, and the port may be any. */
const host = z.string().superRefine((text, context) => {
  const fault = faultOf(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

/** What an organisation may name as the endpoint of its subscriptions, which it makes for itself at `/fhir/R4/Subscription`. */
export const subscriber = z.strictObject({
  organisation: organisationId,
  /** Whether a queue is made for it here, from which its systems collect. */
  queue: z.boolean().default(true),
  /** The AWS account whose systems may collect from the queue made here; left out, this one. */
  account: accountId.optional(),
  /** Queues of its own. */
  queueArns: z
    .array(z.string().regex(/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/, 'the ARN of a standard SQS queue'))
    .default([]),
  /** Event buses of its own. */
  busArns: z
    .array(z.string().regex(/^arn:aws:events:[a-z0-9-]+:\d{12}:event-bus\/[\w.-]{1,256}$/, 'the ARN of an event bus'))
    .default([]),
  /** Where its webhooks are: `https://hooks.uhd.example`, on this machine `http://127.0.0.1:*` too. */
  hosts: z.array(host).default([]),
});

/** How often a source has agreed to contribute. */
export const feed = z.strictObject({
  organisation: organisationId,
  /** The longest that it is silent when all is well. */
  everyMinutes: z.int().min(1).max(44_640),
});

/** EventBridge, quotas: rules on one event bus, until AWS has raised it. */
export const mostRules = z.int().min(50).default(300);

interface Signals {
  readonly deployment: string;
  readonly region: string;
  readonly organisations: readonly { readonly id: string }[];
  readonly subscribers: readonly z.output<typeof subscriber>[];
  readonly feeds: readonly z.output<typeof feed>[];
}

/** The roles of `collect` and `deliver` name each. */
const MOST_ENDPOINTS = 100;

export function findSignalContradictions(signals: Signals, tell: Tell): void {
  const known = new Set(signals.organisations.map(({ id }) => id));
  for (const list of ['subscribers', 'feeds'] as const) {
    const named = signals[list].map(({ organisation }) => organisation);
    tellDoubles(tell, list, 'organisation', named);
    for (const [index, id] of named.entries())
      if (!known.has(id)) tell([list, index, 'organisation'], 'no organisation has this id');
  }
  checkArns(signals, tell);
  checkHosts(signals, tell);
}

function checkArns({ deployment, region, subscribers }: Signals, tell: Tell) {
  const listed = subscribers.flatMap(({ queueArns, busArns }, index) => [
    ...queueArns.map((arn, at) => ({ arn, path: ['subscribers', index, 'queueArns', at] })),
    ...busArns.map((arn, at) => ({ arn, path: ['subscribers', index, 'busArns', at] })),
  ]);
  for (const { arn, path } of listed) {
    // EventBridge user guide, "Sending and receiving events between AWS accounts": what deliver calls is where it runs.
    if (arn.split(':')[3] !== region) tell(path, `has to be in ${region}, as the bus is`);
    if (arn.endsWith(`:event-bus/chesil-${deployment}`))
      tell(path, 'is the bus of this deployment: it would tell itself for ever');
  }
  for (const [index, first] of doubles(listed.map(({ arn }) => arn)))
    tell(
      listed[index]!.path,
      `is listed before, at ${listed[first]!.path.join('.')}: what one organisation is told is for nobody else`,
    );
  const made = subscribers.filter(({ queue }) => queue).length;
  if (made + listed.length > MOST_ENDPOINTS) tell(['subscribers'], `at most ${MOST_ENDPOINTS} queues and buses in all`);
}

function checkHosts({ subscribers }: Signals, tell: Tell) {
  for (const [index, { hosts }] of subscribers.entries())
    for (const [at, first] of doubles(hosts)) tell(['subscribers', index, 'hosts', at], `is hosts[${first}] again`);
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
/** RFC 1123 names with a top level that is none of an address. */
const NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const ANY_PORT = ':*';

/** Why an organisation may not be posted to there. */
function faultOf(text: string): string | undefined {
  const anyPort = text.endsWith(ANY_PORT);
  const origin = anyPort ? text.slice(0, -ANY_PORT.length) : text;
  if (origin.includes('*')) return 'no wildcards: each host by its name';
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || url.origin !== origin)
    return 'https://<host>, in small letters, with a port where it is not 443, and without a path';
  const isHere = LOOPBACK.includes(url.hostname);
  if (anyPort && !isHere) return 'no wildcard for the port: it stands for the ports of this machine alone';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere))
    return 'https://…: without TLS only to this machine itself (127.0.0.1, localhost)';
  if (!isHere && !NAME.test(url.hostname)) return 'a host by its name: TLS vouches for names, and addresses change hands';
  return undefined;
}
