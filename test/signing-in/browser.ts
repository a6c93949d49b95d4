/** As much of a browser as redirects, cookies and forms need: what a page's script could do it cannot. */
export interface Browser {
  /** Follows redirects until somebody shows a page, or sends it to an address at which nobody of ours listens. */
  go(address: string, form?: Readonly<Record<string, string>>): Promise<Shown>;
  /** Answers one request, and follows nothing. */
  ask(address: string, form?: Readonly<Record<string, string>>): Promise<Response>;
  /** Cookies by host and path: a browser does not tell ports apart. */
  readonly cookies: Cookie[];
}

export interface Shown {
  readonly status: number;
  readonly url: URL;
  readonly text: string;
  /** Where the page's forms lead, in order. */
  readonly forms: readonly string[];
}

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

const MOST_HOPS = 15;

/** @param isOutside whether an address is the application's own, where the journey ends */
export function createBrowser(isOutside: (url: URL) => boolean): Browser {
  const cookies: Cookie[] = [];

  const ask = async (address: string, form?: Readonly<Record<string, string>>): Promise<Response> => {
    const url = new URL(address);
    const cookie = cookies
      .filter(({ host, path }) => host === url.hostname && url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) keep(cookies, url, line);
    return response;
  };

  return {
    cookies,
    ask,
    async go(address, form) {
      let response = await ask(address, form);
      let url = new URL(address);
      for (let hops = 0; hops < MOST_HOPS && response.headers.has('location'); hops++) {
        url = new URL(response.headers.get('location')!, url);
        if (isOutside(url)) return { status: response.status, url, text: '', forms: [] };
        await response.body?.cancel();
        response = await ask(url.href);
      }
      const text = await response.text();
      return { status: response.status, url, text, forms: [...text.matchAll(/action="([^"]+)"/g)].map(([, to]) => to!) };
    },
  };
}

function keep(cookies: Cookie[], url: URL, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
  const host = url.hostname;
  const at = cookies.findIndex((each) => each.host === host && each.path === path && each.name === name);
  if (at !== -1) cookies.splice(at, 1);
  if (value !== '') cookies.push({ host, path, name, value });
}
