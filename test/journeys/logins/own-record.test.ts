import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { DEMO_USERS } from '../../../infra/demo/providers/users.ts';
import { type Answer, type Partner, signIn } from '../actors/partner.ts';
import { PRACTICES, peopleOf } from '../actors/people.ts';
import { push } from '../actors/record.ts';
import { signInCitizen } from '../actors/staff.ts';

const demo = inject('demo');
const somebody = peopleOf('logins');
const HANNAH = 'Hannah Melbury';

let hannah: Partner;
let own: string;
let child: string;

beforeAll(async () => {
  const practice = await signIn(demo, 'ammonite');
  const user = DEMO_USERS.find(({ name }) => name === HANNAH);
  const nhsNumber = user?.kind === 'nhs-login' ? user.nhsNumber : '';
  const registered = { practice: PRACTICES.ammonite };
  const mother = createFeed(
    'ammonite',
    somebody({ ...registered, key: 'hannah', nhsNumber, family: 'Melbury', given: ['Hannah'] }),
  );
  tell.condition(mother, { text: 'Migraine' }, '2026-01-01');
  const daughter = createFeed('ammonite', somebody(registered));
  tell.condition(daughter, { text: 'Croup' }, '2026-01-01');
  tell.proxy(daughter, { name: HANNAH, nhsNumber, as: 'Mother' }, '2026-09-01');
  own = (await push(practice, mother.push()))[0]!.personId;
  child = (await push(practice, daughter.push()))[0]!.personId;
  hannah = await signInCitizen(demo, HANNAH);
});

const conditionsIn = ({ json }: Answer): string[] =>
  (json.entry ?? []).flatMap(({ resource }: { resource: fhir4.Condition }) =>
    resource.resourceType === 'Condition' ? (resource.code?.text ?? '') : [],
  );

describe('a mother who acts for her daughter', () => {
  it('means herself by a search that names nobody', async () => {
    const { entry } = (await hannah.get('Patient')).json as fhir4.Bundle;
    expect(entry?.flatMap(({ resource, search }) => (search?.mode === 'match' ? resource?.id : []))).toEqual([own]);
    for (const path of ['Condition', 'Patient/$everything'])
      expect(conditionsIn(await hannah.get(path))).toEqual(expect.arrayContaining(['Migraine']));
    expect(conditionsIn(await hannah.get('Condition'))).not.toContain('Croup');
  });

  it('waits where only a practice that nobody has confirmed says that she acts for her', async () => {
    expect((await hannah.get(`Patient/${child}`)).status).toBe(404);
    expect(conditionsIn(await hannah.get(`Condition?patient=${child}`))).toEqual([]);
  });
});
