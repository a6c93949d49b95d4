import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { DEMO_USERS } from '../../../infra/demo/providers/users.ts';
import type { DemoLogin } from '../../../infra/local/demo-file.ts';
import { signIn } from '../actors/partner.ts';
import { PRACTICES, peopleOf } from '../actors/people.ts';
import { push } from '../actors/record.ts';
import { type RealBrowser, startBrowser } from './chromium.ts';
import { readAsPerson } from './read-as-person.ts';
import { fillIn, type SampleApp, startSampleApp, type Visitor, visit } from './sample-app.ts';

const somebody = peopleOf('logins');
const demo = inject('demo');
const appUrl = demo.apps[0]!.redirectUris[0]!;
const login = (name: string): DemoLogin => demo.users.find((user) => user.name === name)!;

const HOUR_MS = 3600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();

let browser: RealBrowser;
let app: SampleApp;
let visitor: Visitor;

beforeAll(async () => {
  app = await startSampleApp(inject('dataDir'));
  browser = await startBrowser({ registered: appUrl, port: app.port });
});
afterAll(async () => {
  await app?.stop();
  await browser?.close();
});
beforeEach(async () => {
  visitor = await visit(await browser.open(), appUrl);
});
afterEach(() => visitor.page.context().close());

/** Somebody whom an organisation has told of, with a condition that shows. */
async function known(organisation: string, text: string, why: (feed: ReturnType<typeof createFeed>) => void, more = {}) {
  const feed = createFeed(organisation, somebody(more));
  tell.condition(feed, { text }, '2026-10-01');
  why(feed);
  const [written] = await push(await signIn(demo, organisation), feed.push());
  return written!.personId;
}

/** What the API says of whom one may not see, and of whom there is not. */
const NOTHING = 'Nothing is here that you may see.';

describe('a Hampshire nurse', () => {
  it('signs in with Hampshire, sees whom her hospital treats, and nobody else', async () => {
    const inpatient = await known('hhft', 'Broken hip', (feed) =>
      tell.encounter(feed, 'inpatient', { text: 'Hip fracture' }, { start: ago(48) }),
    );
    const stranger = await known('dch', 'Gout', (feed) => tell.episode(feed, { text: 'Rheumatology' }, '2026-10-01'));
    await visitor.signIn(login('Grace Okafor'));
    expect(await visitor.page.innerText('#name')).toBe('Grace Okafor');
    expect(await visitor.look(inpatient)).toContain('Condition: Broken hip');
    expect(await visitor.look(stranger)).toContain(NOTHING);
    expect(await visitor.look('a'.repeat(26))).toContain(NOTHING);
    expect(await visitor.page.innerText('#message')).toBe(NOTHING);
  });
});

describe('a Dorset social worker', () => {
  it('signs in with Dorset, and sees who is on her caseload', async () => {
    const cared = await known('dorset-council', 'Needs help with meals', (feed) =>
      tell.episode(feed, { text: 'Social work' }, '2026-09-01'),
    );
    await visitor.signIn(login('Owen Bright'));
    expect(await visitor.look(cared)).toContain('EpisodeOfCare');
  });
});

describe('a paramedic', () => {
  it('signs in with a smartcard, and sees who called', async () => {
    const caller = await known('swasft', 'Chest pain', (feed) =>
      tell.encounter(feed, 'emergency', { text: '999 call' }, { start: ago(1) }),
    );
    await visitor.signIn(login('Tom Hallett'));
    expect(await visitor.page.innerText('#name')).toBe('Tom Hallett');
    expect(await visitor.look(caller)).toContain('Condition: Chest pain');
  });
});

describe('somebody found unconscious', () => {
  it('is opened by a clinician who breaks the glass, for which the person reads why', async () => {
    const nhsNumber = DEMO_USERS.flatMap((user) =>
      user.kind === 'nhs-login' && user.name === 'Nia Tarrant' ? [user.nhsNumber] : [],
    )[0];
    const found = await known('dch', 'Penicillin allergy', (feed) => tell.episode(feed, { text: 'Clinic' }, '2026-10-01'), {
      ...{ key: 'nia', family: 'Tarrant', given: ['Nia'], nhsNumber },
    });
    await visitor.signIn(login('Grace Okafor'));
    expect(await visitor.look(nhsNumber!)).toContain(NOTHING);
    await visitor.page.fill('#reason', 'Found unconscious at the station, needs her allergies');
    await visitor.page.click('#glass button');
    await visitor.page.waitForSelector('#record h2');
    expect(await visitor.page.innerText('#record')).toContain('Condition: Penicillin allergy');

    await visitor.signOut();
    await visitor.signIn(login('Nia Tarrant'));
    await visitor.look(found);
    await visitor.page.click('#who-looked');
    await visitor.page.waitForSelector('#looks li');
    expect(await visitor.page.innerText('#looks')).toMatch(/Grace Okafor.*broke.*glass|broke the glass/s);
  });
});

describe('a GP with two roles', () => {
  it('chooses one where the smartcard is, and sees the patients of that practice', async () => {
    const patient = await known('ammonite', 'Eczema', () => {}, { practice: PRACTICES.ammonite });
    const gp = login('Dr Meera Nair');
    await visitor.signIn(gp, 'Ammonite Street Surgery');
    expect(await visitor.look(patient)).toContain('Condition: Eczema');
    await visitor.signOut();
    await visitor.signIn(gp, 'Old Sluice Health Centre');
    expect(await visitor.look(patient)).toContain(NOTHING);
  });
});

describe('a person', () => {
  const numberOf = (name: string) => {
    const user = DEMO_USERS.find((each) => each.name === name);
    return user?.kind === 'nhs-login' ? user.nhsNumber : '';
  };

  it('who has proved who they are sees their own record, and nobody else’s', async () => {
    const nhsNumber = numberOf('Nia Tarrant');
    const own = await known('uhd', 'Hay fever', (feed) => tell.episode(feed, { text: 'Allergy clinic' }, '2026-09-01'), {
      ...{ key: 'nia', family: 'Tarrant', given: ['Nia'], nhsNumber },
    });
    const other = await known('uhd', 'Asthma', (feed) => tell.episode(feed, { text: 'Chest clinic' }, '2026-09-01'));
    await visitor.signIn(login('Nia Tarrant'));
    await visitor.page.waitForSelector('#record h2');
    expect(await visitor.page.innerText('#record')).toContain('Condition: Hay fever');
    expect(await visitor.look(own)).toContain('Condition: Hay fever');
    expect(await visitor.look(other)).toContain(NOTHING);
  });

  it('is found by the library as it is published, by no more than who they are', async () => {
    const own = await known('uhd', 'Cataract', (feed) => tell.episode(feed, { text: 'Eye clinic' }, '2026-09-01'), {
      ...{ key: 'nia', family: 'Tarrant', given: ['Nia'], nhsNumber: numberOf('Nia Tarrant') },
    });
    await visitor.signIn(login('Nia Tarrant'));
    await visitor.page.waitForSelector('#record h2');
    const found = await visitor.page.evaluate(readAsPerson);
    const nia = { resourceType: 'Patient', id: own };
    expect(found).toMatchObject({ fhirUser: `Patient/${own}`, user: nia, patient: nia, total: 1 });
    expect(found.conditions).toContain('Cataract');
    expect(found.mine).toEqual(found.conditions);
  });

  it('who has not is told what to do, and is not signed in', async () => {
    await visitor.signIn(login('Jago Tarrant'));
    expect(await visitor.page.innerText('#message')).toContain('prove your identity in full (level P9)');
    expect(await visitor.page.isVisible('#sign-out')).toBe(false);
  });
});

describe('the way in', () => {
  it('is found by e-mail domain, without a list to search', async () => {
    const { page } = visitor;
    await page.click('#staff');
    await page.fill('#email', 'somebody@elsewhere.example');
    await page.click('text=Continue');
    await page.waitForSelector('#email-error');
    await page.fill('#email', login('Grace Okafor').username);
    await page.click('text=Continue');
    await page.waitForSelector('#password');
    expect(await page.innerText('header')).toContain('Hampshire');
    await fillIn(page, login('Grace Okafor'));
    await page.waitForSelector('#sign-out');
  });

  it('stays shut for a wrong password, and opens for the right one after it', async () => {
    const { page } = visitor;
    const nurse = login('Grace Okafor');
    await page.click('#staff');
    await page.click('button[value="hampshire"]');
    await fillIn(page, { ...nurse, password: 'guessed' });
    expect(await page.innerText('.error')).toContain('User name or password is wrong');
    await fillIn(page, nurse);
    await page.waitForSelector('#sign-out');
  });
});

describe('whoever turns back on the way', () => {
  it('finds the app as it was, and can sign in', async () => {
    await visitor.page.click('#staff');
    await visitor.page.waitForSelector('#email');
    await visitor.page.goto(appUrl);
    await visitor.page.waitForSelector('#staff:visible');
    await visitor.signIn(login('Grace Okafor'));
    expect(await visitor.page.innerText('#name')).toBe('Grace Okafor');
  });
});

describe('signing out', () => {
  it('ends the session: whoever comes next has to sign in', async () => {
    await visitor.signIn(login('Grace Okafor'));
    await visitor.signOut();
    await visitor.page.click('#staff');
    await visitor.page.waitForSelector('#email');
    expect(await visitor.page.innerText('h1')).toBe('Sign in to the shared care record');
  });
});
