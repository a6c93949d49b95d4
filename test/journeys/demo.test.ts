import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNhsNumber } from '../../shared/fhir/nhs-number.ts';
import { type System, startSystem } from '../system.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { byNumber, heartRate, NHS_NUMBER, peopleOf } from './actors/people.ts';
import { create, idsOf, resourcesOf } from './actors/record.ts';
import { signInCitizen, signInStaff } from './actors/staff.ts';

const PEOPLE = 12;

let dataDir: string;
let system: System;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'chesil-demo-'));
  system = await startSystem({ dataDir, empty: false, people: PEOPLE });
});
afterAll(async () => {
  await system?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** What stands in `demo.json`. */
const demoJson = () => JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as System;

/** The demo's practices; its person from Hampshire is registered with none of them. */
const SEEKERS = ['ammonite', 'golden-cap', 'old-sluice', 'pines-walk', 'quay-lantern', 'hhft'];

/** Each person's record, as the practice sees it with which they are registered. */
async function records(): Promise<Map<string, fhir4.FhirResource[]>> {
  const practices = await Promise.all(SEEKERS.map((each) => signIn(system, each)));
  const found = new Map<string, fhir4.FhirResource[]>();
  for (const { id } of system.persons) {
    for (const practice of practices) {
      const answer = await practice.get(`Patient/${id}/$everything`);
      if (answer.status === 200) found.set(id, resourcesOf(answer.json));
    }
  }
  return found;
}

describe('npm start', () => {
  it('prints where everything is and who can sign in, and last of all that it is ready', () => {
    const printed = system.printed();
    expect(printed).toContain(system.fhirUrl);
    expect(printed).toContain(system.tokenUrl);
    expect(printed).toMatch(new RegExp(`people +${PEOPLE}$`, 'm'));
    for (const { organisation, source, clientId, scopes } of system.clients)
      expect(printed).toMatch(
        new RegExp(`${organisation} +${source} +${clientId} +${scopes.join(' ').replaceAll('*', '\\*')}$`, 'm'),
      );
    for (const { clientSecret } of system.clients) expect(printed).not.toContain(clientSecret);
    expect(printed.trimEnd().split('\n').at(-1)).toBe(`ready ${system.baseUrl}`);
  });

  it('says the same in demo.json, for programs, and for its owner alone', () => {
    const { baseUrl, fhirUrl, tokenUrl, clients, users, persons, queues } = demoJson();
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([fhirUrl, tokenUrl]).toEqual([`${baseUrl}/fhir/R4`, `${baseUrl}/oauth2/token`]);
    for (const { tracesNhsNumbers, ...client } of clients) {
      expect(tracesNhsNumbers).toBe(client.source === 'pds' || undefined);
      expect(client).toEqual({
        organisation: expect.stringMatching(/^[a-z-]+$/),
        ods: expect.stringMatching(/^[A-Z0-9]+$/),
        source: expect.stringMatching(/^[a-z-]+$/),
        clientId: expect.stringMatching(/^\w+$/),
        clientSecret: expect.stringMatching(/^\w{40,}$/),
        scopes: expect.arrayContaining([expect.stringMatching(/^system\//)]),
      });
    }
    const ofUhd = clients.filter(({ organisation }) => organisation === 'uhd');
    expect(ofUhd.map(({ source }) => source)).toEqual(['main', 'laboratory']);
    expect(ofUhd[0]).toMatchObject({ ods: 'R0D', scopes: ['system/*.cruds'] });
    expect(users.map(({ provider }) => provider)).toEqual(expect.arrayContaining(['dorset', 'hampshire', 'cis2', 'nhs-login']));
    for (const { password } of users) expect(password).toMatch(/^[a-z]+(-[a-z]+){3}-\d\d$/);
    expect(persons).toHaveLength(PEOPLE);
    for (const person of persons) {
      expect(person).toEqual({
        nhsNumber: expect.stringMatching(/^999/),
        id: expect.stringMatching(/^[a-z2-7]{26}$/),
        story: expect.stringMatching(/\w/),
      });
      expect(isNhsNumber(person.nhsNumber)).toBe(true);
    }
    expect(new Set(persons.map(({ id }) => id)).size).toBe(PEOPLE);
    expect(queues.map(({ organisation }) => organisation)).toContain('uhd');
    expect(statSync(join(dataDir, 'demo.json')).mode & 0o077).toBe(0);
  });

  it('has loaded people whom their practices find, with what several organisations know of them', async () => {
    const found = await records();
    expect([...found.keys()]).toEqual(system.persons.map(({ id }) => id));
    const owners = new Set(
      [...found.values()]
        .flat()
        .flatMap(({ meta }) => meta?.tag ?? [])
        .flatMap(({ system: of, code }) => (of === 'urn:chesil:organisation' ? code! : [])),
    );
    expect(owners.size).toBeGreaterThan(8);
    for (const [id, [patient, ...fragments]] of found) {
      expect(patient).toMatchObject({ resourceType: 'Patient', id });
      expect(fragments.length).toBeGreaterThan(2);
    }
  });
});

describe('whoever signs in to the demo', () => {
  /** Everything that somebody sees of the person of a story, as text; nothing where they see nobody. */
  const sees = async (who: Partner, story: RegExp): Promise<string> => {
    const { id } = system.persons.find((person) => story.test(person.story))!;
    const answer = await who.get(`Patient/${id}/$everything`);
    return answer.status === 200 ? answer.text : '';
  };

  it('as a nurse of Hampshire sees whom Poole has referred there, and nobody else of Dorset', async () => {
    const nurse = await signInStaff(system, 'hhft', 'clinician');
    expect(await sees(nurse, /Hampshire/)).toContain('Cardiology admission');
    expect(await sees(nurse, /frail/i)).toBe('');
  });

  it('as a paramedic sees who was called out to this week', async () => {
    const paramedic = await signInStaff(system, 'swasft', 'paramedic');
    expect(await sees(paramedic, /fall/)).toContain('Fracture of neck of femur');
    const crisis = await sees(paramedic, /crisis plan/);
    expect(crisis).toContain('What helps: a quiet room');
    expect(crisis).not.toContain('Panic attacks');
    expect(await sees(paramedic, /Hampshire/)).toBe('');
  });

  it('as a social worker sees their caseload, the child protection plan with it', async () => {
    const worker = await signInStaff(system, 'dorset-council', 'social-worker');
    expect(await sees(worker, /child with asthma/)).toContain('Subject to child protection plan');
    expect(await sees(worker, /frail/i)).toContain('Biscuit');
    expect(await sees(worker, /opted out/)).toBe('');
  });

  it('as a mother sees the record of her child, and not what is done to keep the child safe', async () => {
    const mother = await signInCitizen(system, 'Hannah Melbury');
    const seen = await sees(mother, /child with asthma/);
    expect(seen).toContain('Asthma plan for school');
    expect(seen).not.toMatch(/child protection|Keeping Kezia safe/i);
    expect(await sees(mother, /pregnancy/)).toBe('');
  });

  it('as a person sees what is theirs, and not what their hospital alone may tell', async () => {
    const seen = await sees(await signInCitizen(system, 'Nia Tarrant'), /pregnancy/);
    expect(seen).toContain('Chlamydia');
    expect(seen).not.toContain('In vitro');
    const midwife = await sees(await signInStaff(system, 'uhd', 'clinician'), /pregnancy/);
    expect(midwife).toContain('In vitro');
    expect(midwife).not.toContain('Chlamydia');
  });
});

describe('started again', () => {
  it('has everything that it had, what was written since too, and loads nothing', async () => {
    const hospital = await signIn(system, 'uhd');
    const since = await create(hospital, heartRate('since', byNumber(peopleOf('client')().nhsNumber)));
    const before = { records: await records(), demo: demoJson(), writes: writesLogged() };
    await system.stop();
    system = await startSystem({ dataDir, empty: false, people: PEOPLE });
    expect(writesLogged()).toBeLessThanOrEqual(before.writes);
    expect(await records()).toEqual(before.records);
    const { clients, persons } = demoJson();
    expect([clients, persons]).toEqual([before.demo.clients, before.demo.persons]);
    const again = await signIn(system, 'uhd');
    expect((await again.get(`Observation/${since.id}`)).status).toBe(200);
    const [first] = system.persons;
    const practice = await signIn(system, 'ammonite');
    const search = new URLSearchParams({ identifier: `${NHS_NUMBER}|${first!.nhsNumber}` });
    expect(idsOf((await practice.post('Patient/_search', search)).json)).toEqual([`Patient/${first!.id}`]);
  });

  it('on data that is in use, refuses to, and says why', async () => {
    await expect(startSystem({ dataDir })).rejects.toThrow(/already runs/);
  });
});

/** How many bundles the system has answered. */
function writesLogged(): number {
  const log = readFileSync(join(dataDir, 'logs', 'chesil-demo-ingest.log'), 'utf8');
  return log.split('\n').filter((line) => line.includes('"answered"')).length;
}
