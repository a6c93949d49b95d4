import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('the code that docs/subscribe.md shows is the code that is tested', () => {
  const [, shown] = /```ts\n([\s\S]+?)```/.exec(read('docs/subscribe.md'))!;
  const code = read('infra/demo/sample-subscriber/verify.ts');
  expect(shown).toBe(code.slice(code.indexOf('import {')));
});
