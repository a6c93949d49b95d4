import { daysAgo, OTHER, PERSON, type Sent, type Told } from '../told.ts';
import * as a from './resources.ts';

/** What was told, one contribution after another: what the last of them raises is looked at. */
export type Story = readonly Told[];

/** Stories whose end raises a change, and near misses whose end does not. */
export interface Case {
  readonly raises: Readonly<Record<string, Story>>;
  readonly misses: Readonly<Record<string, Story>>;
}

/** One contribution of each of these by one source. */
export const by = (source: string, ...each: readonly Sent[]): Told[] => each.map((sent) => ({ by: source, send: [sent] }));
export const told = (...each: readonly Sent[]): Story => by('uhd', ...each);
export const gone = (sent: Sent): Story => [...told(sent), { send: [{ retract: sent.id, type: sent.resourceType }] }];
export const linking = (kind: 'link' | 'unlink'): Told => ({ send: [], link: { kind, person: OTHER, survivor: PERSON } });
/** That an NHS number has replaced another. */
export const replacing: Told = { send: [], link: { kind: 'link', person: OTHER, survivor: PERSON, replacesNumber: true } };
export const at = (recorded: string, ...send: readonly Sent[]): Told => ({ at: recorded, send });

export const OPEN = a.encounter('in-progress');
export const LEFT = a.encounter('finished', { until: 0.1 });
export const SITE = { serviceProvider: { identifier: { system: a.ODS, value: 'R0D01' } } };
export const TRUST = { serviceProvider: { identifier: { system: a.ODS, value: 'R0D' } } };
export const ELSEWHERE = { serviceProvider: { identifier: { system: a.ODS, value: 'RBD' } } };

/** Two contributions or more, the last long after the first, so that nothing is a first load. */
export const later = (first: Sent, ...rest: readonly Sent[]): Story => [at(daysAgo(300), first), ...told(...rest)];
export const unrelated: Sent = { resourceType: 'Basic', id: 'x', code: { text: 'x' } };
