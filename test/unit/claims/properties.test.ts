import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../../functions/claims/refusals.ts';
import { ATTRIBUTES } from '../../../functions/claims/said.ts';
import { demo } from '../../../infra/deployments/demo.ts';
import { STAFF_ROLES } from '../../../shared/access/roles.ts';
import { readTokenRoles } from '../../../shared/access/token-roles.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import type { Provider } from '../../../shared/directory/providers.ts';
import { ask, type Logged, NHS_NUMBER, signedIn, TODAY, trigger } from './asking.ts';

const directory = createDirectory(demo.organisations);

const [county, cis2] = ['hampshire', 'cis2'].map((id) => demo.providers.find((one) => one.id === id)!);

/** Those of the demo, one whose table names organisations that are not its own, and one that speaks for some of the nation: by names from before mergers. */
const providers: readonly Provider[] = [
  ...demo.providers,
  {
    ...county!,
    id: 'liar',
    speaksFor: ['rbch', 'yeovil', 'hhft'],
    roles: demo.organisations.map(({ id }) => ({ claim: `${id}-nurses`, role: 'clinician', organisation: id })),
  },
  { ...cis2!, id: 'narrow', speaksFor: ['poole-hospital', 'ammonite'] },
];

/** Groups, job roles and organisations that mean something somewhere, so that what is made up is not always refused. */
const claims = providers.flatMap(({ roles }) => roles.map(({ claim }) => claim));
const codes = demo.organisations.flatMap(({ codes: held }) => held.map(({ value }) => value.value));

const telling = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...claims, ...codes, '__proto__', 'constructor', '%', '%zz', '[', '{}'),
);

/** Mostly what makes sense, so that tokens are issued; at times anything. */
const mostly = (sense: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 5, arbitrary: sense }, { weight: 1, arbitrary: telling });

const profile = fc.record({
  person_roleid: mostly(fc.constantFrom('1', '2', '3', '4', '5')),
  org_code: mostly(fc.constantFrom(...codes)),
  role_code: mostly(fc.constantFrom(...claims.filter((claim) => claim.startsWith('R')).map((claim) => `S0010:G0020:${claim}`))),
});

/** A list of roles or groups in any of the forms that a user pool may have it in, and in forms that it cannot. */
const flattened = (sense: readonly string[]) => {
  const groups = fc.array(mostly(fc.constantFrom(...sense, ...claims)), { minLength: 1, maxLength: 6 });
  const profiles = fc.array(profile, { minLength: 1, maxLength: 25 });
  return fc.oneof(
    telling,
    fc.json(),
    groups.map((list) => JSON.stringify(list)),
    groups.map((list) => `[${list.join(', ')}]`),
    fc.array(fc.constantFrom(...sense), { minLength: 1 }).map((list) => list.map(encodeURIComponent).join(',')),
    profiles.map((list) => JSON.stringify(list)),
    profiles.map((list) => list.map((one) => JSON.stringify(one)).join(',')),
  );
};

/** What a provider says of somebody: words of its own, words of others, and nonsense. */
const attributesOf = ({ roles, assurance }: Provider) =>
  fc.record(
    {
      name: telling,
      [ATTRIBUTES.staffId]: mostly(fc.constantFrom('555254240100', 'a-1')),
      [ATTRIBUTES.assurance]: mostly(fc.constantFrom(...Object.keys(assurance), 'P5')),
      [ATTRIBUTES.roles]: flattened(['dch-nurses', ...roles.map(({ claim }) => claim)]),
      [ATTRIBUTES.selectedRole]: mostly(fc.constantFrom('', '1')),
      [ATTRIBUTES.nhsNumber]: mostly(fc.constantFrom(NHS_NUMBER, '9990000019')),
      identities: telling,
    },
    { requiredKeys: [ATTRIBUTES.staffId, ATTRIBUTES.assurance, ATTRIBUTES.roles] },
  );

const provider = fc.constantFrom(...providers);
const scopes = fc.array(fc.constantFrom('openid', 'user/*.rs', 'patient/*.rs', 'system/*.cruds', 'profile'));
const RUNS = { numRuns: 3_000 };

/** What a provider that is in the settings says about somebody, true or not. */
const said = provider.chain((one) =>
  fc.record({ told: attributesOf(one), asked: scopes }).map(({ told: { identities: _, ...told }, asked }) => ({
    id: one.id,
    event: signedIn(one.id, told, asked),
  })),
);

/** What anybody says, where not even the user pool's own notes are as they should be. */
const garbage = provider.chain((one) => attributesOf(one).map((told) => signedIn(one.id, told)));

describe('whatever a provider says', () => {
  it('no token is for an organisation that it may not speak for, nor in a role that is none of its table', async () => {
    const issued = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(said, async ({ id, event }) => {
        const token = await ask(event, { providers });
        if (typeof token === 'string') return;
        issued.set(id, (issued.get(id) ?? 0) + 1);
        const { speaksFor, roles, shape } = providers.find((one) => one.id === id)!;
        expect(token.claims.provider).toBe(id);
        expect(readTokenRoles(token.claims.roles ?? '')).toEqual(token.roles);
        if (shape === 'nhs-login') {
          expect(token.roles).toEqual([{ id: 'self', organisation: 'people', role: 'person' }]);
          return;
        }
        const listed = speaksFor === 'all' ? demo.organisations.map((one) => one.id) : speaksFor;
        const may = listed.map((one) => directory.current(one, TODAY)?.id);
        for (const role of token.roles) {
          expect(may).toContain(role.organisation);
          expect(directory.standing(role.organisation, TODAY)?.id).toBe(role.organisation);
          expect(STAFF_ROLES).toContain(role.role);
          expect(roles.map((row) => row.role)).toContain(role.role);
        }
        expect(token.claims.staff?.startsWith(`${id}|`)).toBe(true);
        expect(token.claims.person).toBeUndefined();
      }),
      RUNS,
    );
    expect([...issued.keys()].toSorted()).toEqual(providers.map(({ id }) => id).toSorted());
  });

  it('nobody who signs in has scopes of a system, or of the other kind of people', async () => {
    await fc.assert(
      fc.asyncProperty(said, async ({ id, event }) => {
        const token = await ask(event, { providers });
        if (typeof token === 'string') return;
        const left = event.request.scopes!.filter((scope) => !token.suppressed.includes(scope));
        const own = id === 'nhs-login' ? 'patient/' : 'user/';
        expect(left.filter((scope) => scope !== 'openid' && !scope.startsWith(own))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('refusals are the known ones, and neither they nor the log hold anything that was said', async () => {
    const texts: readonly string[] = Object.values(REFUSALS);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          garbage,
          said.map(({ event }) => event),
        ),
        async (event) => {
          const logged: Logged[] = [];
          const failure = await trigger({ logged, providers })(event).then(
            () => undefined,
            (error: Error) => error,
          );
          expect(logged).toHaveLength(failure === undefined ? 0 : 1);
          if (failure === undefined) return;
          expect(texts).toContain(failure.message);
          expect(failure.cause).toBeUndefined();
          expect(logged).toEqual([
            { message: 'no token was issued', fields: { codes: [expect.toSatisfy((code) => Object.hasOwn(REFUSALS, code))] } },
          ]);
        },
      ),
      RUNS,
    );
  });

  it('an NHS number is in no token', async () => {
    await fc.assert(
      fc.asyncProperty(attributesOf(demo.providers.find(({ shape }) => shape === 'nhs-login')!), async (told) => {
        const { identities: _, name: __, ...others } = told;
        const event = signedIn('nhs-login', { ...others, [ATTRIBUTES.assurance]: 'P9', [ATTRIBUTES.nhsNumber]: NHS_NUMBER });
        expect(JSON.stringify(await ask(event))).not.toContain(NHS_NUMBER);
      }),
      { numRuns: 300 },
    );
  });
});

describe('each refusal', () => {
  it.each(Object.entries(REFUSALS))('%s is said in whole sentences, without a number or an address', (_, text) => {
    expect(text).toMatch(/^[A-Z].{40,}[.]$/);
    expect(text).not.toMatch(/\d{4,}|@|http/);
  });
});
