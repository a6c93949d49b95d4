import type { HttpAnswer } from '../../../../shared/lambda/http.ts';

export type Headers = Readonly<globalThis.Record<string, string>>;
export type AskOne = (address: string, headers?: Headers) => Promise<HttpAnswer>;

const MAX_PAGES = 5;

/** An answer with all that it leads to: the pages that follow, the versions of a history, and the same again by its ETag. */
export async function follow(one: AskOne, first: string, headers: Headers = {}): Promise<readonly HttpAnswer[]> {
  const answers: HttpAnswer[] = [];
  for (let address: string | undefined = first; address !== undefined && answers.length < MAX_PAGES; ) {
    const answer = await one(address, headers);
    answers.push(answer);
    address = /"relation":"next","url":"([^"]+)"/.exec(answer.body ?? '')?.[1];
  }
  const [path = '', rest = ''] = first.split('?');
  const etag = answers[0]?.headers?.etag;
  if (etag !== undefined) answers.push(await one(first, { 'if-none-match': etag }));
  if (!path.endsWith('/_history') || rest !== '') return answers;
  for (const [, version] of answers[0]!.body?.matchAll(/"etag":"W\/\\"([^"\\]+)\\""/g) ?? [])
    answers.push(await one(`${path}/${version}`));
  return answers;
}
