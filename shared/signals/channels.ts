import type { Channel } from './subscription.ts';

/** Where signals of one organisation may go: `channels.json` beside the bundle has one of these for each that has any. */
export interface Channels {
  /** Internal id. */
  readonly organisation: string;
  /** Queues of ours, made for it: in this account and region. */
  readonly queueNames: readonly string[];
  /** Queues and event buses of its own, whole ARNs. */
  readonly queueArns: readonly string[];
  readonly busArns: readonly string[];
  /** Origins: `https://hooks.example.nhs.uk`, with `:8443` where the port is another, with `:*` where any will do. Plain HTTP goes to loopback alone. */
  readonly hosts: readonly string[];
}

/** Where this deployment runs. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

/** What is wrong with an endpoint, whoever asks for it. */
export type EndpointProblem =
  | 'not-an-arn'
  | 'fifo-queue'
  | 'not-an-address'
  | 'user-in-address'
  | 'fragment-in-address'
  | 'plain-http'
  | 'not-agreed';

/** Longest address that is kept. */
const MOST_CHARACTERS = 2_000;
/** Only the partition of the data's region: another would be the same queue by a second name. */
const QUEUE = /^arn:aws:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,80}(?:\.fifo)?)$/;
const BUS = /^arn:aws:events:([a-z0-9-]+):(\d{12}):event-bus\/[/.\-_A-Za-z0-9]{1,256}$/;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Whether signals of an organisation may go to an endpoint, as the settings stand: asked when a subscription is made, and again before each is sent.
 * @param channels those of every organisation
 */
export const endpointAllowed = (
  channels: readonly Channels[],
  organisation: string,
  channel: Pick<Channel, 'type' | 'endpoint'>,
  place: Place,
): boolean => problemOfEndpoint(channels, organisation, channel, place) === undefined;

/** What is wrong with an endpoint; `undefined` where signals of the organisation may go there. */
export function problemOfEndpoint(
  channels: readonly Channels[],
  organisation: string,
  { type, endpoint }: Pick<Channel, 'type' | 'endpoint'>,
  place: Place,
): EndpointProblem | undefined {
  const agreed = channels.filter((each) => each.organisation === organisation);
  return type === 'message' ? problemOfArn(agreed, endpoint, place) : problemOfAddress(agreed, endpoint);
}

function problemOfArn(agreed: readonly Channels[], arn: string, { region, account }: Place): EndpointProblem | undefined {
  const [, queueRegion, queueAccount, queueName] = QUEUE.exec(arn) ?? [];
  if (queueName === undefined && !BUS.test(arn)) return 'not-an-arn';
  // A FIFO queue would hold everybody's signals in one line, and drop what it takes for a repetition.
  if (queueName?.endsWith('.fifo')) return 'fifo-queue';
  const isOurs = queueRegion === region && queueAccount === account;
  const isAgreed = agreed.some(
    ({ queueNames, queueArns, busArns }) =>
      queueArns.includes(arn) || busArns.includes(arn) || (isOurs && queueNames.includes(queueName!)),
  );
  return isAgreed ? undefined : 'not-agreed';
}

function problemOfAddress(agreed: readonly Channels[], address: string): EndpointProblem | undefined {
  if (address.length > MOST_CHARACTERS || !/^[\x21-\x7e]+$/.test(address) || !URL.canParse(address)) return 'not-an-address';
  // What two readers could read in two ways (`https:/host`, `https://host\path`) is not an address.
  if (!/^https?:\/\/[^/\\]/i.test(address) || address.includes('\\')) return 'not-an-address';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(address)) return 'user-in-address';
  if (address.includes('#')) return 'fragment-in-address';
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) return 'plain-http';
  return agreed.some(({ hosts }) => hosts.some((host) => isOn(host, url))) ? undefined : 'not-agreed';
}

/** Whether an address is on a host as the settings write it. The default port is the port of the scheme. */
function isOn(host: string, url: URL): boolean {
  const anyPort = host.endsWith(':*');
  const origin = anyPort ? host.slice(0, -2) : host;
  if (!URL.canParse(origin)) return false;
  const agreed = new URL(origin);
  if (agreed.protocol !== url.protocol || agreed.hostname !== url.hostname) return false;
  return anyPort || agreed.port === url.port;
}
