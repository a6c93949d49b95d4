import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium as engine } from 'playwright-core';

export interface AppAddress {
  /** Address that the identity service knows, and that the browser shows. */
  readonly registered: string;
  /** Port of 127.0.0.1 where the app listens. */
  readonly port: number;
}

/** A real browser whose only network is this machine. */
export interface RealBrowser {
  /** A window of its own: cookies and storage are nobody else's. */
  open(): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Not the library's own arguments: those switch off the same-origin policy. */
const ARGUMENTS = [
  ...['--no-sandbox', '--no-zygote', '--headless=shell', '--use-gl=angle', '--use-angle=swiftshader'],
  ...['--disable-component-update', '--disable-sync', '--no-pings', '--disable-domain-reliability', '--disable-setuid-sandbox'],
];

/**
 * The first rule that fits a host decides. The app's address leads to the port where it listens, so that no test needs
 * the registered port to be free. Names other than this machine's lead nowhere.
 */
const resolverRules = ({ registered, port }: AppAddress): string =>
  [`MAP ${new URL(registered).host} 127.0.0.1:${port}`, 'MAP localhost 127.0.0.1', 'EXCLUDE 127.0.0.1', 'MAP * ~NOTFOUND'].join(
    ', ',
  );

/** @param app where the app that people sign in to is registered, and where it listens */
export async function startBrowser(app: AppAddress): Promise<RealBrowser> {
  const executablePath = await chromium.executablePath();
  const args = [...ARGUMENTS, `--host-resolver-rules=${resolverRules(app)}`];
  const browser: Browser = await engine.launch({ executablePath, args, headless: true, timeout: 60_000 });
  return {
    open: () => browser.newContext({ viewport: { width: 900, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/London' }),
    close: () => browser.close(),
  };
}
