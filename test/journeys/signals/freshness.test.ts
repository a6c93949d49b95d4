import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { type Partner, signIn } from '../actors/partner.ts';
import { peopleOf } from '../actors/people.ts';
import { push } from '../actors/record.ts';

const somebody = peopleOf('freshness');
let hospital: Partner;
let practice: Partner;

beforeAll(async () => {
  const demo = inject('demo');
  [hospital, practice] = (await Promise.all(['dhc', 'ammonite'].map((each) => signIn(demo, each)))) as [Partner, Partner];
});

describe('how fresh a source is', () => {
  it('is known to every partner, from the moment at which it sends', async () => {
    const before = new Date().toISOString();
    const feed = createFeed('dhc', somebody());
    tell.allergy(feed, { text: 'Penicillin' });
    await push(hospital, feed.push());
    const { status, json } = await practice.get('Organization/$feeds');
    expect(status).toBe(200);
    const parts = json.parameter
      .map(({ part }: fhir4.ParametersParameter) => part)
      .find(([organisation]: fhir4.ParametersParameter[]) => organisation!.valueCoding!.code === 'dhc');
    const [heard] = parts.filter(({ name }: fhir4.ParametersParameter) => name === 'last-heard');
    // Noted once a minute for each process: what was noted a moment before stands.
    expect(Date.parse(heard.valueInstant)).toBeGreaterThan(Date.parse(before) - 61_000);
    expect(parts).toContainEqual({ name: 'agreed-minutes', valuePositiveInt: 1_440 });
    expect(parts.map(({ name }: fhir4.ParametersParameter) => name)).not.toContain('stale-since');
  });
});
