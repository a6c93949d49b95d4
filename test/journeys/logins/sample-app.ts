import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import type { DemoLogin } from '../../../infra/local/demo-file.ts';

const SERVE = fileURLToPath(new URL('../../../infra/demo/sample-app/serve.ts', import.meta.url));

/** `npm run sample-app`, in a process of its own, on a port that was free. */
export interface SampleApp {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startSampleApp(dataDir: string): Promise<SampleApp> {
  const child = spawn(process.execPath, [SERVE, '--data', dataDir, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const url = await ready(child);
  return {
    port: Number(new URL(url).port),
    async stop() {
      process.off('exit', endWithUs);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function ready(child: ChildProcess): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      const url = /^ready (\S+)$/m.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`the sample app ended before it was ready:\n${printed}`)));
  });
}

/** Somebody at a browser, with the sample app open. */
export interface Visitor {
  readonly page: Page;
  /** Signs in from the app's own page, through the page of choices. @param role name of the organisation, where one must be chosen */
  signIn(user: DemoLogin, role?: string): Promise<void>;
  /** What the app shows of a person: a line for each resource, or what the API said. */
  look(person: string): Promise<string>;
  signOut(): Promise<void>;
}

const REST = '#sign-out, #message:not([hidden])';

/** @param appUrl address of the sample app as the browser shows it */
export async function visit(window: BrowserContext, appUrl: string): Promise<Visitor> {
  const page = await window.newPage();
  await page.goto(appUrl);
  return {
    page,
    async signIn(user, role) {
      await page.click(user.provider === 'nhs-login' ? '#person' : '#staff');
      await page.click(`button[value="${user.provider}"]`);
      await fillIn(page, user);
      if (role !== undefined) await page.click(`.choices button:has-text("${role}")`);
      await page.waitForSelector(REST);
    },
    async look(person) {
      if (await page.isVisible('#somebody-else')) await page.click('#somebody-else');
      await page.fill('#id', person);
      await page.click('#look button');
      await page.waitForSelector('#record h2, #message:not([hidden])');
      return page.innerText('main');
    },
    async signOut() {
      await page.click('#sign-out');
      await page.waitForSelector('#staff:visible');
    },
  };
}

/** Fills in the sign-in page of a demo provider. */
export async function fillIn(page: Page, { username, password }: Pick<DemoLogin, 'username' | 'password'>): Promise<void> {
  await page.fill('#username', username);
  await page.fill('#password', password);
  await page.click('form button');
}
