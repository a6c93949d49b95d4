import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopesAllow } from '../../../shared/access/scopes.ts';
import { runAtOnce, type Steps } from '../../../shared/concurrency/steps.ts';
import { bundleText, fillPage, fillPageWithIncluded } from '../../../shared/fhir/answers/bundle.ts';
import { isKnownAlready } from '../../../shared/fhir/answers/conditional.ts';
import { isWithin, parseEverything } from '../../../shared/fhir/answers/everything-query.ts';
import { wantedOf } from '../../../shared/fhir/answers/media.ts';
import { openPage, pageLinks } from '../../../shared/fhir/answers/pages.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';

describe('what form of answer is wanted', () => {
  it.each([
    [undefined, undefined, true],
    ['', undefined, true],
    ['*/*', undefined, true],
    ['application/fhir+json; fhirVersion=4.0', undefined, true],
    ['application/fhir+json; fhirVersion=3.0', undefined, false],
    ['application/fhir+xml', undefined, false],
    ['application/fhir+xml, application/json;q=0.5', undefined, true],
    ['application/fhir+xml, */*;q=0', undefined, false],
    ['text/html', undefined, false],
    ['application/fhir+xml', 'json', true],
    ['application/fhir+json', 'xml', false],
    [undefined, 'application/fhir json', true],
    [undefined, 'text/turtle', false],
  ])('Accept %s and _format %s', (accept, format, acceptable) => {
    const wanted = wantedOf({ accept }, format === undefined ? [] : [['_format', format]]);
    expect(!isRefusal(wanted)).toBe(acceptable);
  });

  it.each([
    [undefined, false],
    ['handling=strict', true],
    ['return=minimal; handling=strict', true],
    ['respond-async, handling="strict"', true],
    ['handling=lenient', false],
    ['xhandling=strict', false],
  ])('Prefer %s', (prefer, strict) => {
    expect(wantedOf({ prefer }, [])).toMatchObject({ strict });
  });
});

describe('an answer that the caller has already', () => {
  const state = { versionId: '3', lastUpdated: '2026-03-01T10:00:00.500Z' };
  it.each([
    [{}, false],
    [{ 'if-none-match': 'W/"3"' }, true],
    [{ 'if-none-match': '"3"' }, true],
    [{ 'if-none-match': '3' }, true],
    [{ 'if-none-match': '*' }, true],
    [{ 'if-none-match': 'W/"1", W/"3"' }, true],
    [{ 'if-none-match': 'W/"2"' }, false],
    [{ 'if-modified-since': 'Sun, 01 Mar 2026 10:00:00 GMT' }, true],
    [{ 'if-modified-since': 'Sun, 01 Mar 2026 09:59:59 GMT' }, false],
    [{ 'if-modified-since': 'yesterday' }, false],
    [{ 'if-none-match': 'W/"2"', 'if-modified-since': 'Sun, 01 Mar 2026 10:00:00 GMT' }, false],
  ])('%j', (headers, known) => {
    expect(isKnownAlready(headers, state)).toBe(known);
  });
});

describe('a page', () => {
  it('holds as many entries as fit, in order, and always one', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), { maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 300 }), (items, maxEntries, maxBytes) => {
        const page = runAtOnce(fillPage(items, (text) => text, maxEntries, maxBytes));
        const bytes = (entries: readonly string[]) => Buffer.byteLength(entries.join(''));
        expect(page).toEqual(items.slice(0, page.length));
        expect(page.length).toBeLessThanOrEqual(maxEntries);
        if (page.length > 1) expect(bytes(page)).toBeLessThanOrEqual(maxBytes);
        if (page.length < Math.min(items.length, maxEntries))
          expect(bytes(items.slice(0, page.length + 1))).toBeGreaterThan(maxBytes);
        if (items.length > 0) expect(page.length).toBeGreaterThan(0);
      }),
    );
  });

  const large = 'x'.repeat(1_500_000);
  /** What goes along with a match is called by its name and a number, unless it is shared. */
  const page = (alongOf: (match: string) => readonly string[], items = ['a', 'b', 'c', 'd']) => {
    const asked: string[] = [];
    const content = {
      items,
      entryOf: (text: string) => {
        asked.push(text);
        return text;
      },
      *along(match: string, take: (item: string) => boolean): Steps<void> {
        for (const item of alongOf(match)) {
          yield 1;
          if (!take(item)) return;
        }
      },
    };
    return { ...runAtOnce(fillPageWithIncluded(content, 100)), asked };
  };

  it('holds fewer matches when what goes along with them is large, and says when even that of one match does not fit', () => {
    expect(page((match) => [large + match])).toMatchObject({
      shown: ['a', 'b'],
      included: [`${large}a`, `${large}b`],
      isCut: false,
    });
    expect(page((match) => [1, 2, 3].map((n) => `${large}${match}${n}`))).toMatchObject({
      shown: ['a'],
      entries: ['a', `${large}a1`, `${large}a2`],
      isCut: true,
    });
    expect(page(() => [])).toMatchObject({ shown: ['a', 'b', 'c', 'd'], included: [], isCut: false });
  });

  it('ends before the first match that does not fit with all that it brings along', () => {
    expect(page((match) => (match === 'c' ? [`${large}1`, `${large}2`, `${large}3`] : [match + match]))).toMatchObject({
      shown: ['a', 'b'],
      included: ['aa', 'bb'],
      isCut: false,
    });
  });

  it('says a match that an earlier one brought along once, as a match', () => {
    expect(page((match) => (match === 'a' ? ['c', 'e'] : []))).toMatchObject({ shown: ['a', 'b', 'c', 'd'], included: ['e'] });
  });

  it('writes each entry once, and none after the first that does not fit', () => {
    const { asked } = page((match) => Array.from({ length: 50 }, (_, index) => `${large}${match}${index}`));
    expect(asked).toEqual(['a', `${large}a0`, `${large}a1`, `${large}a2`]);
  });

  it('has no empty list of entries, and splices what it is given', () => {
    const head = { type: 'searchset', timestamp: '2026-03-01T10:00:00.000Z', total: 0, links: [] } as const;
    expect(JSON.parse(bundleText(head, []))).not.toHaveProperty('entry');
    expect(bundleText(head, ['{"resource":{"n":1.50}}'])).toContain('"entry":[{"resource":{"n":1.50}}]}');
  });

  it('has addresses that open for whom they were given to, on the path that they were given for, and nowhere else', () => {
    const key = new Uint8Array(32).fill(7);
    const holder = { organisation: 'uhd', client: 'uhd-epr' };
    const first = { path: 'Patient', query: [['identifier', 'x|9990000018']], form: [], cursor: undefined } as const;
    const next = { sequences: { a: 1 }, offset: 100, at: '2026-03-01T10:00:00.000Z' };
    const [self, following] = pageLinks(key, holder, 'https://example.org/fhir/R4', first, [['_id', 'a']], next);
    expect(self?.url).toBe('https://example.org/fhir/R4/Patient?_id=a');
    expect(following?.url).not.toContain('9990000018');
    const query = [...new URL(following!.url).searchParams];
    expect(openPage(key, holder, 'Patient', query)).toMatchObject({ query: first.query, cursor: next });
    expect(isRefusal(openPage(key, holder, 'Observation', query))).toBe(true);
    expect(isRefusal(openPage(key, { ...holder, organisation: 'dch' }, 'Patient', query))).toBe(true);
    expect(isRefusal(openPage(key, holder, 'Patient', [['_cursor', 'made-up']]))).toBe(true);
  });
});

describe('the parameters of $everything', () => {
  it('are read', () => {
    const query = parseEverything(
      [
        ['_type', 'Observation,Condition'],
        ['start', '2019'],
        ['_count', '20'],
        ['_at', '12'],
      ],
      true,
    );
    expect(query).toMatchObject({ types: new Set(['Observation', 'Condition']), start: '2019', count: 20, at: { number: 12 } });
  });

  it('may name an instant, with the plus sign as query strings bring it', () => {
    expect(parseEverything([['_at', '2026-03-01T10:00:00 01:00']], true)).toMatchObject({
      at: { instant: '2026-03-01T09:00:00.000Z' },
    });
  });

  it.each([
    ['_type', 'Nonsense'],
    ['_since', 'yesterday'],
    ['_since', '2026-03-01'],
    ['start', '2026-13'],
    ['_count', '-1'],
    ['_at', '2026-99-01T10:00:00Z'],
  ])('are refused when they cannot be read: %s=%s', (name, value) => {
    expect(isRefusal(parseEverything([[name, value]], false))).toBe(true);
  });

  it('that are not known are refused when handling is strict, and named otherwise, but never with what looks like a value', () => {
    expect(isRefusal(parseEverything([['favourite', 'x']], true))).toBe(true);
    expect(parseEverything([['favourite', 'x']], false)).toMatchObject({ ignored: [{ diagnostics: 'favourite' }] });
    expect(JSON.stringify(parseEverything([['9990000018', '']], false))).not.toContain('9990000018');
  });

  it.each([
    ['2019-05-03', '2019', '2019', true],
    ['2019', '2019-05', undefined, true],
    ['2018-12-31T23:59:59Z', '2019', undefined, false],
    ['2020-01', undefined, '2019-12-31', false],
    ['2019-12-31T10:00:00Z', undefined, '2019-12-31', true],
    [undefined, '2019', '2019', true],
  ])('a fragment of %s from %s to %s', (date, start, end, within) => {
    expect(isWithin({ start, end, ignored: [] }, { recordedAt: '2026-03-01T10:00:00.000Z', date })).toBe(within);
  });
});

describe('scopes', () => {
  it.each([
    ['system/*.cruds', 'Observation', 'r', true],
    ['system/Observation.rs', 'Observation', 's', true],
    ['system/Observation.r', 'Observation', 's', false],
    ['system/Observation.rs', 'Condition', 'r', false],
    ['system/Observation.rs?category=laboratory', 'Observation', 'r', false],
    ['system/Observation.sr', 'Observation', 'r', false],
    ['user/*.cruds', 'Observation', 'r', false],
    ['openid', 'Observation', 'r', false],
  ] as const)('%s and %s.%s', (scope, type, permission, allowed) => {
    expect(scopesAllow([scope], type, permission)).toBe(allowed);
  });
});
