import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealAccessId } from '../../../../shared/access/access-id.ts';
import { PEOPLE } from '../../../../shared/access/viewer.ts';
import { validate } from '../../../../shared/fhir/validate/validate.ts';
import { condition, NHS_NUMBERS, observation, patient, RESTRICTED } from '../resources.ts';
import { type Asked, createWorld, type Told, type World } from '../world.ts';

let world: World;
let person: string;
let other: string;
const [nhsNumber, otherNumber] = NHS_NUMBERS;

const nurse = (organisation: string, id: string): Asked => ({
  organisation,
  scopes: ['user/*.rs'],
  viewer: { role: 'clinician', purpose: 'direct-care', staff: `dorset|${id}`, name: `Nora ${id}`, provider: 'dorset' },
});
const officer = (organisation: string): Asked => ({
  organisation,
  scopes: ['user/*.rs'],
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'dorset|p1', name: 'Olive Officer' },
});
/** Somebody who is signed in as a person. */
const themself = (id: string): Asked => ({
  organisation: PEOPLE,
  scopes: ['patient/*.rs'],
  viewer: { role: 'person', purpose: 'own-access', person: id, name: 'Ada Purbeck', assurance: 'high' },
});
/** `dch` leads oversight in this world. */
const LEAD = officer('dch');

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  other = world.personOf(otherNumber);
  await world.contribute(person, 'uhd', patient(nhsNumber), observation(person, 'one'));
  await world.contribute(person, 'dch', condition(person, 'diabetes'), condition(person, 'secret', RESTRICTED));
  await world.contribute(other, 'uhd', patient(otherNumber));
  await world.ask(`Patient/${person}/$everything`, { organisation: 'uhd' });
  await world.ask(`Patient/${person}`, nurse('uhd', 'n1'));
  await world.ask(`Observation?patient=${person}`, nurse('dch', 'n2'));
  await world.ask(`Patient/${person}`, nurse('council', 'n3'));
  await world.ask(`Patient/${other}`, nurse('uhd', 'n1'));
});
afterAll(() => world?.engine.stop());

const eventsOf = ({ json }: Told): fhir4.AuditEvent[] =>
  (json.entry ?? []).flatMap(({ resource }: fhir4.BundleEntry) => (resource?.resourceType === 'AuditEvent' ? [resource] : []));
/** Who looked and for whom, as `staff@organisation`. */
const lookersOf = (told: Told) =>
  eventsOf(told).map(({ agent }) => {
    const named = (system: string) => agent.find(({ who }) => who?.identifier?.system === system)?.who?.identifier?.value;
    return `${named('urn:chesil:staff') ?? 'system'}@${named('urn:chesil:organisation') ?? 'people'}`;
  });
const nextOf = ({ json }: Told): string | undefined =>
  json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next')?.url;

const LOOKS = ['dorset|n3@council', 'dorset|n2@dch', 'dorset|n1@uhd', 'system@uhd'];

describe('who looked', () => {
  it('is told to the person, in plain words, the newest first, and nothing of what was withheld', async () => {
    const told = await world.ask('AuditEvent', themself(person));
    expect(lookersOf(told)).toEqual(LOOKS);
    expect(eventsOf(told)[2]!.text?.div).toMatch(/Nora n1, clinician at UHD NHS, .*your record/);
    expect(validate(told.json)).toEqual([]);
    expect(told.body).not.toMatch(/Withheld|confidential/i);
    expect(told.json.total).toBeUndefined();
    const one = await world.ask(`AuditEvent/${eventsOf(told)[2]!.id}`, themself(person));
    expect(one.json).toEqual(eventsOf(told)[2]);
  });

  it('is told no more to who signs in as somebody who has died', async () => {
    const late = world.personOf('9990000034');
    await world.contribute(late, 'uhd', patient('9990000034'));
    await world.ask(`Patient/${late}`, nurse('uhd', 'n8'));
    const [event] = eventsOf(await world.ask('AuditEvent', themself(late)));
    expect(event).toBeDefined();
    await world.contribute(late, 'uhd', patient('9990000034', { deceasedDateTime: '2026-11-01' }));
    expect(eventsOf(await world.ask('AuditEvent', themself(late)))).not.toEqual([]);
    await world.contribute(late, 'dch', patient('9990000034', { deceasedDateTime: '2026-11-01', active: true }));
    expect(eventsOf(await world.ask('AuditEvent', themself(late)))).toEqual([]);
    expect((await world.ask(`AuditEvent/${event!.id}`, themself(late))).status).toBe(404);
  });

  it('is told to nobody else who is signed in as a person', async () => {
    expect(eventsOf(await world.ask(`AuditEvent?patient=${person}`, themself(other)))).toEqual([]);
  });

  it('is told to privacy officers of their own organisation, and to those of the one that oversees all of every one', async () => {
    expect(new Set(lookersOf(await world.ask(`AuditEvent?patient=${person}`, officer('uhd'))))).toEqual(
      new Set(['dorset|n1@uhd', 'system@uhd']),
    );
    const all = lookersOf(await world.ask(`AuditEvent?patient=${person}`, LEAD));
    expect(all.filter((who) => !who.startsWith('dorset|p1'))).toEqual(expect.arrayContaining(LOOKS));
  });

  it('is told to staff of themselves, without what they were not shown', async () => {
    const told = await world.ask('AuditEvent?agent=dorset|n2', nurse('dch', 'n2'));
    expect(lookersOf(told)).toEqual(['dorset|n2@dch']);
    expect(told.body).not.toContain('Withheld');
  });

  it.each<[string, Asked]>([
    ['a partner’s system', {}],
    ['a nurse', nurse('uhd', 'n9')],
  ])('is not told to %s: as of somebody unknown', async (_, asked) => {
    const nobody = world.personOf('9990000050');
    const mine = await world.ask(`AuditEvent?patient=${person}`, asked);
    const theirs = await world.ask(`AuditEvent?patient=${nobody}`, asked);
    const same = ({ json }: Told) => JSON.stringify({ ...json, meta: null, timestamp: null });
    expect(same(mine).replaceAll(person, nobody)).toBe(same(theirs));
    expect((await world.looks(person)).at(-1)).toMatchObject({ interaction: 'audit', outcome: 'refused' });
  });

  it('is found by member of staff, by organisation, by number and by date', async () => {
    const found = async (query: string) =>
      lookersOf(await world.ask(`AuditEvent?${query}`, LEAD)).filter((who) => !who.includes('|p1'));
    expect(await found('agent=dorset|n1')).toEqual(['dorset|n1@uhd', 'dorset|n1@uhd']);
    expect(await found('agent:identifier=urn:chesil:staff|dorset\\|n1')).toHaveLength(2);
    expect(await found('agent=council')).toEqual(['dorset|n3@council']);
    expect(await found(`patient=${person}&agent=dorset|n1`)).toEqual(['dorset|n1@uhd']);
    expect(await found(`entity=Patient/${person}&date=ge2020&date=lt2100`)).toEqual(expect.arrayContaining(LOOKS));
    expect(await found(`patient=${person}&date=2020`)).toEqual([]);
    const byNumber = await world.ask(`AuditEvent?patient.identifier=${nhsNumber}`, LEAD);
    expect(lookersOf(byNumber)).toEqual(expect.arrayContaining(LOOKS));
    expect(byNumber.body).not.toContain(nhsNumber);
  });

  it('comes page by page, each look once', async () => {
    const whole = eventsOf(await world.ask('AuditEvent', themself(person))).map(({ id }) => id);
    const paged: unknown[] = [];
    for (let url: string | undefined = 'AuditEvent?_count=2'; url !== undefined; ) {
      const page: Told = await world.ask(url, themself(person));
      expect(eventsOf(page).length).toBeLessThanOrEqual(2);
      paged.push(...eventsOf(page).map(({ id }) => id));
      url = nextOf(page);
      // Reading is a look too, and newer than the page it began with.
      if (paged.length > 50) throw new Error('there is no end');
    }
    expect(paged.slice(1)).toEqual(whole);
  });

  it('is not buried under looks so large that a query of the table ends before them', async () => {
    const buried = world.personOf('9990000042');
    await world.ask(`Patient/${buried}`, nurse('uhd', 'n1'));
    const [at = '', id = ''] = String((await world.looks(buried))[0]!.access).split('#');
    const large = Array.from({ length: 5 }, () => `code=${randomBytes(9_000).toString('hex')}`).join('&');
    for (let count = 0; count < 30; count++) await world.ask(`Observation?patient=${buried}&${large}`, nurse('uhd', 'n1'));
    const told = await world.ask('AuditEvent', themself(buried));
    expect(eventsOf(told).map((event) => event.id)).toContain(
      sealAccessId(world.dependencies.auditKey, { person: buried, at, id }),
    );
  });

  it.each([
    ['', 400],
    ['agent=nobody at all', 400],
    [`patient=a,b`, 400],
    ['patient=x&_sort=date', 400],
    ['patient=x&date=yesterday', 400],
    ['patient=x&_count=0', 400],
    ['patient=x&colour=blue', 200],
  ])('?%s is answered %s', async (query, status) => {
    expect((await world.ask(`AuditEvent?${query}`, LEAD)).status).toBe(status);
  });

  it('is not there by an id that was not given out, nor for whoever may not read of it', async () => {
    const [event] = eventsOf(await world.ask(`AuditEvent?agent=dorset|n3`, LEAD));
    const missing = await world.ask('AuditEvent/none', nurse('uhd', 'n1'));
    expect(await world.ask(`AuditEvent/${event!.id}`, nurse('uhd', 'n1'))).toEqual(missing);
    expect(missing.status).toBe(404);
    for (const path of [`AuditEvent/${event!.id}/_history`, `Patient/${person}/AuditEvent`])
      expect((await world.ask(path, LEAD)).status).toBe(405);
  });

  it('is for scopes that reach all of it', async () => {
    for (const scope of ['user/Observation.rs', 'user/AuditEvent.rs?action=R'])
      expect((await world.ask(`AuditEvent?patient=${person}`, { ...LEAD, scopes: [scope] })).status).toBe(403);
  });

  it('may be known to have been read: reading it is noted of everybody whom it tells of', async () => {
    const before = await Promise.all([person, other].map((id) => world.looks(id)));
    await world.ask('AuditEvent?agent=dorset|n1', officer('uhd'));
    const after = await Promise.all([person, other].map((id) => world.looks(id)));
    for (const [index, looks] of after.entries())
      expect(looks.slice(before[index]!.length)).toMatchObject([
        { interaction: 'audit', role: 'privacy-officer', outcome: 'shown' },
      ]);
  });

  it('can be shown again as it was told', async () => {
    const told = await world.ask(`AuditEvent?patient=${person}&_count=3`, officer('uhd'));
    const [reading] = eventsOf(await world.ask(`AuditEvent?patient=${person}&_count=1`, LEAD));
    await world.ask(`Patient/${person}`, nurse('uhd', 'n1'));
    const again = await world.ask(`AuditEvent/${reading!.id}/$replay`, LEAD);
    expect(again).toMatchObject({ status: 200, headers: { 'chesil-replay': 'exact' }, body: told.body });
  });

  it.each(['agent=uhd', 'agent=dorset|n2', 'patient=PERSON'])(
    'is not read for a nurse who asks for ?%s: nothing but what she did',
    async (query) => {
      const read: string[] = [];
      const { auditReads } = world.dependencies;
      const noticed = <T>(value: string, answer: T) => {
        read.push(value);
        return answer;
      };
      const address = `AuditEvent?${query.replace('PERSON', person)}`;
      const told = await world.ask(address, nurse('uhd', 'n1'), {
        auditReads: {
          ...auditReads,
          byPerson: (id, span) => noticed(id, auditReads.byPerson(id, span)),
          byStaff: (staff, span) => noticed(staff, auditReads.byStaff(staff, span)),
          byOrganisation: (id, span) => noticed(id, auditReads.byOrganisation(id, span)),
        },
      });
      expect(read).toEqual(['dorset|n1']);
      expect(new Set(lookersOf(told))).toEqual(new Set(query.includes('n2') ? [] : ['dorset|n1@uhd']));
    },
  );
});
