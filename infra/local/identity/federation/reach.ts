/** Where hosts are on this machine: `login.dorset.example` -> `http://127.0.0.1:4101`. No other host is ever asked for. */
export type NameTable = Readonly<Record<string, string>>;

/** Reaches providers by the name table instead of DNS: their addresses and issuers stay as they are. */
export interface Reach {
  /** For the pool's own calls. @throws Error for a host that the table does not name */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Where a browser finds an address. @throws Error as `fetch` */
  forBrowser(url: URL): URL;
}

export function createReach(names: NameTable): Reach {
  const place = (url: URL): URL => {
    const address = Object.hasOwn(names, url.host) ? names[url.host] : undefined;
    if (url.protocol !== 'https:' || address === undefined) throw new UnknownHost();
    return new URL(url.pathname + url.search, address);
  };
  return {
    forBrowser: place,
    fetch(url, init) {
      const asked = new URL(url);
      const headers = new Headers(init.headers);
      headers.set('x-forwarded-host', asked.host);
      headers.set('x-forwarded-proto', 'https');
      return fetch(place(asked), { ...init, headers, redirect: 'error' });
    },
  };
}

class UnknownHost extends Error {
  override readonly name = 'UnknownHost';
  readonly code = 'unknown-host';

  constructor() {
    super('the name table of this machine has no such host');
  }
}
