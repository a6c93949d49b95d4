import { describe, expect, it } from 'vitest';
import { channelsOf, checkSettings, loadSettings } from '../../infra/settings.ts';

const demo = loadSettings('demo');

const refusal = (change: object): string => {
  try {
    checkSettings({ ...demo, ...change });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

/** What is said of one subscriber. */
const ofSubscriber = (change: object) => refusal({ subscribers: [{ organisation: 'uhd', ...change }] });

const QUEUE = 'arn:aws:sqs:eu-west-2:123456789012:signals';
const BUS = 'arn:aws:events:eu-west-2:123456789012:event-bus/signals';

describe('where organisations may have themselves told', () => {
  it('is a queue made here, where nothing is said', () => {
    const settings = checkSettings({ ...demo, subscribers: [{ organisation: 'uhd' }, { organisation: 'bcp', queue: false }] });
    expect(channelsOf(settings)).toEqual([
      { organisation: 'uhd', queueNames: ['chesil-demo-uhd'], queueArns: [], busArns: [], hosts: [] },
      { organisation: 'bcp', queueNames: [], queueArns: [], busArns: [], hosts: [] },
    ]);
  });

  it('may be queues, buses and hosts of their own', () => {
    const hosts = ['https://hooks.uhd.example', 'https://hooks.uhd.example:8443', 'http://127.0.0.1:*', 'http://localhost:3000'];
    const settings = checkSettings({
      ...demo,
      subscribers: [{ organisation: 'uhd', queueArns: [QUEUE], busArns: [BUS], hosts }],
    });
    expect(channelsOf(settings)).toMatchObject([{ queueArns: [QUEUE], busArns: [BUS], hosts }]);
  });

  it.each([
    ['an unknown organisation', { organisation: 'nobody' }, '.organisation: no organisation has this id'],
    ['a FIFO queue', { queueArns: [`${QUEUE}.fifo`] }, '.queueArns[0]: the ARN of a standard SQS queue'],
    [
      'a queue elsewhere',
      { queueArns: [QUEUE.replace('west-2', 'west-1')] },
      '.queueArns[0]: has to be in eu-west-2, as the bus is',
    ],
    ['what is no bus', { busArns: [QUEUE] }, '.busArns[0]: the ARN of an event bus'],
    ['a bus elsewhere', { busArns: [BUS.replace('west-2', 'west-1')] }, '.busArns[0]: has to be in eu-west-2, as the bus is'],
    ['our own bus', { busArns: [BUS.replace('/signals', '/chesil-demo')] }, '.busArns[0]: is the bus of this deployment'],
    ['a queue twice', { queueArns: [QUEUE, QUEUE] }, '.queueArns[1]: is listed before, at subscribers.0.queueArns.0'],
    ['a host twice', { hosts: ['https://a.example', 'https://a.example'] }, '.hosts[1]: is hosts[0] again'],
    ['what was said of rules once', { changes: ['uk.chesil.admitted.1'] }, ': Unrecognized key: "changes"'],
  ])('is not %s', (_, change, message) => {
    expect(ofSubscriber(change)).toContain(`\n  subscribers[0]${message}`);
  });

  it.each([
    ['http://hooks.uhd.example', 'https://…: without TLS only to this machine itself'],
    ['http://169.254.169.254', 'https://…: without TLS only to this machine itself'],
    ['http://127.0.0.1.nip.example', 'https://…: without TLS only to this machine itself'],
    ['https://*.uhd.example', 'no wildcards: each host by its name'],
    ['https://*', 'no wildcards: each host by its name'],
    ['http://127.0.0.*:80', 'no wildcards: each host by its name'],
    ['https://hooks.uhd.example:*', 'no wildcard for the port'],
    ['https://10.0.0.1', 'a host by its name'],
    ['https://[fd00::1]', 'a host by its name'],
    ['https://intranet', 'a host by its name'],
    ['https://hooks.uhd.example/signals', 'https://<host>, in small letters'],
    ['https://hooks.uhd.example/', 'https://<host>, in small letters'],
    ['https://HOOKS.uhd.example', 'https://<host>, in small letters'],
    ['https://user@hooks.uhd.example', 'https://<host>, in small letters'],
    ['https://hooks.uhd.example:443', 'https://<host>, in small letters'],
    ['https://0x7f000001', 'https://<host>, in small letters'],
    ['ftp://hooks.uhd.example', 'https://…'],
    ['hooks.uhd.example', 'https://<host>, in small letters'],
  ])('is not at %s', (host, message) => {
    expect(ofSubscriber({ hosts: [host] })).toContain(`\n  subscribers[0].hosts[0]: ${message}`);
  });

  it('is said once for each organisation, and each queue is one organisation’s', () => {
    expect(refusal({ subscribers: [{ organisation: 'uhd' }, { organisation: 'uhd' }] })).toContain(
      'subscribers[1].organisation: is also that of subscribers[0]',
    );
    const both = ['uhd', 'bcp'].map((organisation) => ({ organisation, queueArns: [QUEUE] }));
    expect(refusal({ subscribers: both })).toContain(
      'subscribers[1].queueArns[0]: is listed before, at subscribers.0.queueArns.0',
    );
  });

  it('are so many that the role of whoever delivers can name each', () => {
    const queueArns = Array.from({ length: 101 }, (_, index) => `${QUEUE}-${index}`);
    expect(ofSubscriber({ queueArns })).toContain('subscribers: at most 100 queues and buses in all');
  });
});

describe('whose silence is watched', () => {
  it.each([
    [
      'an unknown organisation',
      [{ organisation: 'nobody', everyMinutes: 60 }],
      'feeds[0].organisation: no organisation has this id',
    ],
    [
      'an organisation twice',
      [
        { organisation: 'uhd', everyMinutes: 60 },
        { organisation: 'uhd', everyMinutes: 5 },
      ],
      'feeds[1].organisation: is also that of feeds[0]',
    ],
    ['a rhythm that is none', [{ organisation: 'uhd', everyMinutes: 0 }], 'feeds[0].everyMinutes: '],
    ['half minutes', [{ organisation: 'uhd', everyMinutes: 0.5 }], 'feeds[0].everyMinutes: '],
  ])('is not %s', (_, feeds, message) => {
    expect(refusal({ feeds })).toContain(`\n  ${message}`);
  });
});

describe('rules on the bus', () => {
  it('are as many as EventBridge lets an account have, unless it was asked for more', () => {
    expect(demo.mostRules).toBe(300);
    expect(checkSettings({ ...demo, mostRules: 2_000 }).mostRules).toBe(2_000);
    expect(refusal({ mostRules: 10 })).toContain('mostRules: ');
  });
});
