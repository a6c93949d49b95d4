import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium as engine } from 'playwright-core';

/** A real browser, for whom there is no network but this machine. */
export interface RealBrowser {
  /** A window of its own: cookies and storage are nobody else's. */
  open(): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Not the library's own arguments: those switch off the very rules by which pages of different origins are kept apart. */
const ARGUMENTS = [
  ...['--no-sandbox', '--no-zygote', '--headless=shell', '--use-gl=angle', '--use-angle=swiftshader'],
  ...['--disable-component-update', '--disable-sync', '--no-pings', '--disable-domain-reliability', '--disable-setuid-sandbox'],
  // Names other than this machine's lead nowhere.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

export async function startBrowser(): Promise<RealBrowser> {
  const executablePath = await chromium.executablePath();
  const browser: Browser = await engine.launch({ executablePath, args: ARGUMENTS, headless: true, timeout: 60_000 });
  return {
    open: () => browser.newContext({ viewport: { width: 900, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/London' }),
    close: () => browser.close(),
  };
}
