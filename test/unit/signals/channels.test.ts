import { describe, expect, it } from 'vitest';
import { type Channels, endpointAllowed, problemOfEndpoint } from '../../../shared/signals/channels.ts';

const PLACE = { region: 'eu-west-2', account: '000000000000' };
const CHANNELS: readonly Channels[] = [
  {
    organisation: 'uhd',
    queueNames: ['chesil-dorset-uhd'],
    queueArns: ['arn:aws:sqs:eu-west-2:111122223333:theirs'],
    busArns: ['arn:aws:events:eu-west-2:111122223333:event-bus/theirs'],
    hosts: [
      'https://hooks.uhd.nhs.uk',
      'https://other.uhd.nhs.uk:8443',
      'http://127.0.0.1:*',
      'http://localhost:*',
      'http://uhd.nhs.uk',
    ],
  },
  { organisation: 'dhc', queueNames: [], queueArns: [], busArns: [], hosts: ['https://hooks.dhc.nhs.uk'] },
];
const arn = (endpoint: string) => problemOfEndpoint(CHANNELS, 'uhd', { type: 'message', endpoint }, PLACE);
const address = (endpoint: string) => problemOfEndpoint(CHANNELS, 'uhd', { type: 'rest-hook', endpoint }, PLACE);

describe('where signals of an organisation may go', () => {
  it.each([
    ['arn:aws:sqs:eu-west-2:000000000000:chesil-dorset-uhd', undefined],
    ['arn:aws:sqs:eu-west-2:111122223333:theirs', undefined],
    ['arn:aws:events:eu-west-2:111122223333:event-bus/theirs', undefined],
    ['arn:aws:sqs:eu-west-1:000000000000:chesil-dorset-uhd', 'not-agreed'],
    ['arn:aws:sqs:eu-west-2:999999999999:chesil-dorset-uhd', 'not-agreed'],
    ['arn:aws:sqs:eu-west-2:000000000000:chesil-dorset-dhc', 'not-agreed'],
    ['arn:aws-cn:sqs:eu-west-2:000000000000:chesil-dorset-uhd', 'not-an-arn'],
    ['arn:aws:sqs:eu-west-2:111122223333:theirs.fifo', 'fifo-queue'],
    ['arn:aws:lambda:eu-west-2:111122223333:function:theirs', 'not-an-arn'],
    ['https://hooks.uhd.nhs.uk/', 'not-an-arn'],
    ['', 'not-an-arn'],
  ])('of the queue or bus %s says %s', (endpoint, problem) => {
    expect(arn(endpoint)).toBe(problem);
  });

  it.each([
    ['https://hooks.uhd.nhs.uk/chesil?x=1', undefined],
    ['https://hooks.uhd.nhs.uk:443/', undefined],
    ['https://HOOKS.uhd.nhs.uk/', undefined],
    ['https://other.uhd.nhs.uk:8443/', undefined],
    ['http://127.0.0.1:4321/x', undefined],
    ['http://localhost/x', undefined],
    ['https://other.uhd.nhs.uk/', 'not-agreed'],
    ['https://hooks.uhd.nhs.uk:8443/', 'not-agreed'],
    ['https://hooks.dhc.nhs.uk/', 'not-agreed'],
    ['https://hooks.uhd.nhs.uk.evil.example/', 'not-agreed'],
    ['https://127.0.0.1:1/', 'not-agreed'],
    ['https://2130706433/', 'not-agreed'],
    ['http://hooks.uhd.nhs.uk/', 'plain-http'],
    ['http://uhd.nhs.uk/', 'plain-http'],
    ['http://169.254.169.254/latest/meta-data', 'plain-http'],
    ['https://hooks.uhd.nhs.uk@evil.example/', 'user-in-address'],
    ['https://u:p@hooks.uhd.nhs.uk/', 'user-in-address'],
    ['https://@hooks.uhd.nhs.uk/', 'user-in-address'],
    ['https://hooks.uhd.nhs.uk/#x', 'fragment-in-address'],
    ['https:/hooks.uhd.nhs.uk/', 'not-an-address'],
    ['https://hooks.uhd.nhs.uk\\@evil.example/', 'not-an-address'],
    ['https://hooks.uhd.nhs.uk/a b', 'not-an-address'],
    ['file:///etc/passwd', 'not-an-address'],
    ['gopher://127.0.0.1/', 'not-an-address'],
    ['arn:aws:sqs:eu-west-2:111122223333:theirs', 'not-an-address'],
    [`https://hooks.uhd.nhs.uk/${'a'.repeat(2_000)}`, 'not-an-address'],
  ])('of the address %s says %s', (endpoint, problem) => {
    expect(address(endpoint)).toBe(problem);
  });

  it('is nowhere for an organisation that has agreed on nothing', () => {
    expect(endpointAllowed(CHANNELS, 'dch', { type: 'rest-hook', endpoint: 'http://127.0.0.1:1/' }, PLACE)).toBe(false);
    expect(endpointAllowed(CHANNELS, 'uhd', { type: 'rest-hook', endpoint: 'http://127.0.0.1:1/' }, PLACE)).toBe(true);
  });
});
