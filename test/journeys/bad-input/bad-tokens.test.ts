import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { decode, encode, type Part, readSigningKey, signed } from '../actors/minting.ts';
import { type Answer, type Partner, partnerWith, signIn } from '../actors/partner.ts';
import { byNumber, heartRate, NHS_NUMBER, peopleOf } from '../actors/people.ts';
import { codesOf, create, type Written } from '../actors/record.ts';

const somebody = peopleOf('bad-tokens');
const demo = inject('demo');
const person = somebody();
const unknown = somebody();

let hospital: Partner;
let observation: Written;
let signingKey: KeyObject;

beforeAll(async () => {
  hospital = await signIn(demo, 'uhd');
  observation = await create(hospital, heartRate('seen', byNumber(person.nhsNumber)));
  signingKey = readSigningKey(inject('dataDir'));
});

/** A token like the hospital's, in all but what is changed; signed with the system's own key. */
function like(changes: Part, headerChanges: Part = {}, key = signingKey): string {
  const [header, claims] = hospital.token.split('.');
  return signed({ ...decode(header), ...headerChanges }, { ...decode(claims), ...changes }, key);
}

const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1_000) - seconds;

const TOKENS: Readonly<Record<string, () => string>> = {
  'that has expired': () => like({ iat: secondsAgo(7_200), auth_time: secondsAgo(7_200), exp: secondsAgo(3_600) }),
  'that has only just expired': () => like({ exp: secondsAgo(1) }),
  'that is not signed: alg none': () => {
    const [, claims] = hospital.token.split('.');
    return `${encode({ alg: 'none' })}.${claims}.`;
  },
  'that is not signed, and names the key': () => {
    const [header, claims] = hospital.token.split('.');
    return `${encode({ ...decode(header), alg: 'none' })}.${claims}.`;
  },
  'signed by somebody else': () => like({}, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  'signed by somebody else, with a key of an unknown name': () =>
    like({}, { kid: 'theirs' }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  'signed with the public key as if it were a shared secret': () => {
    const [header, claims] = hospital.token.split('.');
    const content = `${encode({ ...decode(header), alg: 'HS256' })}.${claims}`;
    const secret = signingKey.export({ format: 'pem', type: 'pkcs8' });
    return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
  },
  'that was tampered with': () => {
    const [header, claims, signature] = hospital.token.split('.');
    return `${header}.${encode({ ...decode(claims), organisation: 'dch' })}.${signature}`;
  },
  'of a client that this pool does not have': () => like({ client_id: 'another', sub: 'another' }),
  'of another pool': () => like({ iss: 'https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_elsewhere' }),
  'that is to be an identity, not an access': () => like({ token_use: 'id' }),
  'cut short': () => hospital.token.slice(0, -20),
  'that is none': () => 'none',
};

/** Every interaction, for a token that is worth nothing. */
const attempts = (partner: Partner): Promise<Answer>[] => [
  partner.get(`Observation/${observation.id}`),
  partner.get(`Patient/${observation.personId}/$everything`),
  partner.post('Observation/_search', new URLSearchParams({ patient: observation.personId })),
  partner.post('Observation', heartRate('bad', byNumber(unknown.nhsNumber))),
  partner.post('', { resourceType: 'Bundle', type: 'transaction' }),
  partner.delete(`Observation/${observation.id}`),
];

async function expectNothingWritten() {
  expect((await hospital.get(`Observation/${observation.id}`)).json.meta.versionId).toBe('1');
  const search = new URLSearchParams({ identifier: `${NHS_NUMBER}|${unknown.nhsNumber}` });
  expect((await hospital.post('Patient/_search', search)).json.total).toBe(0);
}

const made: string[] = [];

describe('a token', () => {
  it('made like the hospital’s is as good as the hospital’s: what is refused below is refused for what was changed', async () => {
    expect((await partnerWith(demo.fhirUrl, 'uhd', like({})).get(`Observation/${observation.id}`)).status).toBe(200);
  });

  it.each(Object.entries(TOKENS))('%s opens nothing', async (_name, make) => {
    const token = make();
    made.push(token);
    for (const answer of await Promise.all(attempts(partnerWith(demo.fhirUrl, 'uhd', token)))) {
      expect([answer.status, answer.headers['content-type']]).toEqual([401, 'application/fhir+json; charset=utf-8']);
      expect(codesOf(answer)).toEqual(['unauthorised']);
      // A script of an app in a browser reads this answer, and knows that it has to sign in.
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="chesil"/);
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.text).not.toContain(observation.personId);
    }
    await expectNothingWritten();
  });

  it('that is missing opens nothing but the capability statement', async () => {
    const nobody = { authorization: undefined };
    expect((await hospital.get(`Observation/${observation.id}`, nobody)).status).toBe(401);
    expect((await hospital.post('Observation', heartRate('bad', byNumber(unknown.nhsNumber)), nobody)).status).toBe(401);
    expect((await hospital.get('metadata', nobody)).status).toBe(200);
    await expectNothingWritten();
  });
});

describe('a scope that is missing', () => {
  const refused = async (answer: Promise<Answer>) => {
    const { status, ...rest } = await answer;
    expect([status, codesOf({ status, ...rest })]).toEqual([403, ['missing-scope']]);
  };

  it('keeps a client that may only read from writing', async () => {
    const reader = await signIn(demo, 'dorset-icb', ['system/*.rs']);
    await refused(reader.post('Observation', heartRate('bad', byNumber(unknown.nhsNumber))));
    await refused(reader.put(`Observation/${observation.id}`, heartRate('bad', byNumber(unknown.nhsNumber))));
    await refused(reader.delete(`Observation/${observation.id}`));
    await expectNothingWritten();
  });

  it('keeps a client to the types that it is for, alone and in a bundle', async () => {
    const referrals = await signIn(demo, 'dorset-icb', ['system/ServiceRequest.cruds', 'system/Patient.rs']);
    await refused(referrals.post('Observation', heartRate('bad', byNumber(unknown.nhsNumber))));
    await refused(referrals.get(`Observation?patient=${observation.personId}`));
    const entry = [
      {
        request: { method: 'POST', url: 'ServiceRequest' },
        resource: {
          resourceType: 'ServiceRequest',
          status: 'active',
          intent: 'order',
          code: { text: 'Physiotherapy' },
          subject: byNumber(unknown.nhsNumber),
        },
      },
      { request: { method: 'POST', url: 'Observation' }, resource: heartRate('bad', byNumber(unknown.nhsNumber)) },
    ];
    await refused(referrals.post('', { resourceType: 'Bundle', type: 'transaction', entry }));
    await expectNothingWritten();
  });

  it('is not granted to who asks for it', async () => {
    const { clientId, clientSecret } = demo.clients.find(({ scopes }) => scopes.includes('system/*.rs'))!;
    const answer = await fetch(demo.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
    });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_scope' }]);
  });

  it('nor is any to who does not know the secret', async () => {
    const { clientId } = demo.clients[0]!;
    const answer = await fetch(demo.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:guessed`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_client' }]);
  });
});

it('no token that was sent stands in a log of any part', () => {
  const folder = join(inject('dataDir'), 'logs');
  for (const name of readdirSync(folder)) {
    const log = readFileSync(join(folder, name), 'utf8');
    for (const token of [hospital.token, ...made].filter((each) => each.length > 20)) {
      for (const part of token.split('.').slice(1).filter(Boolean)) expect(log).not.toContain(part);
    }
  }
});
