import { createHash } from 'node:crypto';

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | boolean | undefined | readonly Part[];

/** Puts a page together: whatever is filled in is escaped, unless it was made by this tag; `false` and `undefined` are nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((text, index) => text + (index < parts.length ? textOf(parts[index]) : '')).join(''));

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join('');
  if (part === undefined || typeof part === 'boolean') return '';
  return String(part).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** How pages look: plain, large, the same everywhere. */
export const STYLE = `
*{box-sizing:border-box}
body{margin:0;background:#f0f4f5;color:#212b32;font:1.1875rem/1.5 Arial,sans-serif}
header{background:#005eb8;color:#fff;padding:1rem max(1rem,calc(50% - 19rem))}
header p{margin:0;font-weight:bold;font-size:1.25rem}
header p+p{font-weight:normal;font-size:1rem}
[hidden]{display:none}
main{max-width:40rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 1.5rem}
h2{font-size:1.375rem;margin:2.5rem 0 1rem}
label{display:block;font-weight:bold;margin-top:1.25rem}
.hint{margin:0;color:#4c6272}
.error{margin:.25rem 0;color:#b10000;overflow-wrap:anywhere}
input,select,textarea{display:block;width:100%;max-width:26rem;margin:.25rem 0 0;padding:.5rem;font:inherit;border:2px solid #4c6272;border-radius:0}
select{max-width:none}
button{margin-top:1.5rem;padding:.7rem 1.25rem;font:inherit;font-weight:bold;color:#fff;background:#007f3b;border:0;border-radius:4px;box-shadow:0 4px #00401e;cursor:pointer}
button+.hint,form+.hint{margin-top:1.5rem}
button:hover{background:#00662f}
:focus-visible{outline:4px solid #ffeb3b;outline-offset:0;box-shadow:inset 0 0 0 4px #212b32}
button.link{margin:0;padding:0;background:none;box-shadow:none;color:#005eb8;font-weight:normal;text-decoration:underline}
.choices{list-style:none;margin:0;padding:0}
.choices button{display:block;width:100%;margin:0 0 .75rem;text-align:left;color:#005eb8;background:#fff;border:1px solid #d8dde0;box-shadow:none}
.choices button:hover{background:#e8edee}
.choices b{display:block}
.by-id b{text-transform:uppercase;letter-spacing:.03em}
.choices span{font-weight:normal;font-size:1rem;color:#4c6272}
`;

/** What pages of sign-in services are sent with: no script, nothing from elsewhere, in no frame, in no cache. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // Without `form-action`: a browser applies it to all that a form's answer leads on to, and those are other people's addresses.
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

interface PageParts {
  readonly title: string;
  readonly content: Html;
  /** Whose page it is. */
  readonly service?: string;
  readonly note?: string;
}

/** A whole page. */
export function page({ title, content, service = 'Chesil', note = 'Shared care record' }: PageParts): string {
  const whole = html`<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${service}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><p>${service}</p><p>${note}</p></header>
<main>${content}</main>
</body>
</html>
`;
  return whole.text;
}
