import { setTimeout as sleep } from 'node:timers/promises';
import { createFeed, type Somebody } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import type { Client } from '../client.ts';
import { somebody } from '../samples.ts';
import { clockMs } from './clock.ts';

/** The practices of the demo, with which the people of the load are registered in turn. */
export const PRACTICES = [
  { organisation: 'ammonite', code: 'X99001' },
  { organisation: 'golden-cap', code: 'X99002' },
  { organisation: 'old-sluice', code: 'X99003' },
  { organisation: 'pines-walk', code: 'X99004' },
  { organisation: 'quay-lantern', code: 'X99005' },
] as const;

const practiceOf = (index: number) => PRACTICES[index % PRACTICES.length]!;

/** Somebody of the load; one in five is registered with each practice. */
export function patient(index: number): Somebody {
  const practice = practiceOf(index);
  return { ...somebody(2_000 + index), practice: { code: practice.code, name: practice.organisation } };
}

/** A load of contributions at a steady pace: one begins when it is due, whether or not those before are answered. */
export interface Load {
  readonly people: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Fragments of each, all new: each is a change. */
  readonly fragments: number;
}

/** A contribution as it was sent. */
export interface Contribution {
  /** Of {@link clockMs}. */
  readonly sentMs: number;
  /** With which the person is registered. */
  readonly practice: string;
}

/** Address of each fragment version that was contributed, with its contribution. */
export type Sent = Map<string, Contribution>;

export async function contribute(
  client: Client,
  fhirUrl: string,
  { people, perSecond, seconds, fragments }: Load,
): Promise<Sent> {
  const sent: Sent = new Map();
  const started = performance.now();
  const underway: Promise<void>[] = [];
  for (let count = 0; count < perSecond * seconds; count++) {
    const waitMs = started + (count * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    underway.push(contributeOne(client, fhirUrl, { index: count % people, fragments }, sent));
  }
  await Promise.all(underway);
  return sent;
}

async function contributeOne(
  client: Client,
  fhirUrl: string,
  { index, fragments }: { index: number; fragments: number },
  sent: Sent,
) {
  const bundle = JSON.stringify(bundleOf(index, fragments));
  const contribution = { sentMs: clockMs(), practice: practiceOf(index).organisation };
  const { body } = await client.send('POST', '', { body: bundle });
  const written = (JSON.parse(body.toString('utf8')) as fhir4.Bundle).entry!.slice(1);
  for (const { response } of written) sent.set(`${fhirUrl}/${addressOf(response!.location!)}`, contribution);
}

/** `Observation/<id>`: each is sent once, and hears of it bear another name of the version than its owner is answered. */
const addressOf = (location: string): string => /[A-Z][A-Za-z]+\/[^/]+(?=\/_history\/)/.exec(location)![0];

/** Lets the record know the people of a load, one fragment each. */
export async function warmUp(client: Client, people: number): Promise<void> {
  for (let index = 0; index < people; index++) await client.send('POST', '', { body: JSON.stringify(bundleOf(index, 1)) });
}

/** One contribution of one fragment. */
export async function contributeOnce(client: Client): Promise<void> {
  await client.send('POST', '', { body: JSON.stringify(bundleOf(0, 1)) });
}

let bundles = 0;

/** New observations of somebody, with the person's own fragment unchanged: so many changes as there are observations. */
export function bundleOf(index: number, fragments: number): fhir4.Bundle {
  const feed = createFeed('uhd', patient(index));
  bundles++;
  const rate = { code: '364075005', text: 'Heart rate' };
  for (let count = 0; count < fragments; count++) tell.measurement(feed, rate, 60 + count, '/min', '2026-11-20T09:30:00Z');
  const { bundle } = feed.push();
  for (const { resource } of bundle.entry!.slice(1))
    for (const identifier of (resource as fhir4.Observation).identifier!) identifier.value = `${identifier.value}-${bundles}`;
  return bundle;
}
