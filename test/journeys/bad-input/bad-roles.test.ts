import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { decode, readSigningKey, signed } from '../actors/minting.ts';
import { type Answer, type Partner, partnerWith, signIn } from '../actors/partner.ts';
import { byNumber, heartRate, PRACTICES, peopleOf } from '../actors/people.ts';
import { codesOf, push } from '../actors/record.ts';

const somebody = peopleOf('bad-roles');
const demo = inject('demo');
const patient = somebody({ practice: PRACTICES.ammonite });

/** A GP of two practices who chose neither where they signed in. */
const ROLES = [
  { id: '555254242102', organisation: 'ammonite', role: 'gp' },
  { id: '555254242103', organisation: 'old-sluice', role: 'gp' },
];
const GP = {
  organisation: undefined,
  roles: JSON.stringify(ROLES),
  staff: 'cis2|555254240199',
  name: 'Dr Twice',
  provider: 'cis2',
  assurance: 'high',
  scope: 'openid user/*.rs',
};

let practice: Partner;
let gp: Partner;
let personId: string;

/** Somebody with a token like the practice's, in all but these claims. */
function holderOf(claims: object): Partner {
  const [header, own] = practice.token.split('.');
  const token = signed(decode(header), { ...decode(own), ...claims }, readSigningKey(inject('dataDir')));
  return partnerWith(demo.fhirUrl, 'ammonite', token);
}

beforeAll(async () => {
  practice = await signIn(demo, 'ammonite');
  const feed = createFeed('ammonite', patient);
  tell.allergy(feed, { text: 'Penicillin' });
  personId = (await push(practice, feed.push()))[0]!.personId;
  gp = holderOf(GP);
});

/** Looks at the patient with these values of the header that names a role. */
const look = (...named: readonly string[]): Promise<Answer> =>
  // Node sends each value of a list as a header of its own.
  gp.get(`Patient/${personId}`, named.length === 0 ? {} : { 'NHSD-Session-URID': named as unknown as string });

async function expectRefused(answer: Promise<Answer>, status: number, code: string) {
  const told = await answer;
  expect([told.status, codesOf(told)]).toEqual([status, [code]]);
  expect(told.text).not.toContain(personId);
}

describe('somebody with two roles at once', () => {
  it('must say in which of them they look', async () => {
    await expectRefused(look(), 400, 'choose-role');
  });

  it('sees the patient of the one practice in the role for that practice alone', async () => {
    expect((await look('555254242102')).status).toBe(200);
    await expectRefused(look('555254242103'), 404, 'not-found');
  });

  it.each([
    ['both, in two headers', ['555254242102', '555254242103']],
    ['both, the other way round', ['555254242103', '555254242102']],
    ['both, in one header', ['555254242102, 555254242103']],
    ['one of them twice', ['555254242102', '555254242102']],
    ['somebody else’s', ['555254242104']],
  ])('cannot name %s', async (_, named) => {
    await expectRefused(look(...named), 400, 'choose-role');
  });

  it('cannot look for a purpose that the role does not have', async () => {
    const acting = { 'NHSD-Session-URID': '555254242102' };
    expect((await gp.get(`Patient/${personId}`, { ...acting, 'Chesil-Purpose': 'safeguarding' })).status).toBe(200);
    await expectRefused(gp.get(`Patient/${personId}`, { ...acting, 'Chesil-Purpose': 'investigation' }), 400, 'bad-purpose');
  });
});

describe('whoever signs in', () => {
  it('adds nothing to records: that is for systems', async () => {
    const acting = { 'NHSD-Session-URID': '555254242102' };
    const answer = await gp.post('Observation', heartRate('by-hand', byNumber(patient.nhsNumber)), acting);
    expect(answer.status).toBe(403);
    expect((await gp.get(`Observation?patient=${personId}`, acting)).json.total).toBe(0);
  });

  it('adds nothing with a scope of systems either: no token of ours has both', async () => {
    const both = holderOf({ ...GP, scope: 'user/*.rs system/*.cruds' });
    const answer = both.post('Observation', heartRate('by-both', byNumber(patient.nhsNumber)));
    await expectRefused(answer, 401, 'unauthorised');
    await expectRefused(both.get(`Patient/${personId}`), 401, 'unauthorised');
  });
});

describe('a role that nobody may have', () => {
  const holding = (role: string, organisation = 'ammonite') =>
    holderOf({ ...GP, roles: JSON.stringify([{ id: '1', organisation, role }]) });

  it.each(['wizard', 'system', 'proxy', 'person', 'constructor', ''])('opens nothing: %s', async (role) => {
    await expectRefused(holding(role).get(`Patient/${personId}`), 401, 'unauthorised');
  });

  it('opens nothing for an organisation that is no partner', async () => {
    await expectRefused(holding('gp', 'nobody').get(`Patient/${personId}`), 404, 'not-found');
  });
});
