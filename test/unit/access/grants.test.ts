import { describe, expect, it } from 'vitest';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { fragment, grantOf, linked, NOW, newAccess, PERSON, recordOf, SOMEBODY_ELSE, viewerIn } from './people.ts';

const access = newAccess();
const NURSE = viewerIn('clinician');

describe('a grant', () => {
  const record = recordOf(fragment('elsewhere', { section: 'problems' }));
  const opened = (viewer: Viewer, told: Parameters<typeof grantOf>[2] = {}, at = NOW) =>
    access.view(viewer, record, at, [grantOf(NURSE, 'break-glass', told)]);

  it('opens a record from its first second until its last', () => {
    const seen = ['07:59:59.999', '08:00:00.000', '11:59:59.999', '12:00:00.000'].map(
      (time) => opened(NURSE, {}, `2026-11-20T${time}Z`).permitted,
    );
    expect(seen).toEqual([false, true, true, false]);
  });

  it('is noted in the view by its id', () => {
    expect(opened(NURSE).relationships).toEqual(['aaaabbbbccccdddd']);
  });

  it.each<[whose: string, viewer: Viewer]>([
    ['a colleague', viewerIn('clinician', { staff: 'provider|colleague' })],
    ['somebody of the same id at another provider', viewerIn('clinician', { staff: 'other|somebody' })],
    ['the same person in another role', viewerIn('gp')],
    ['the same person for another organisation', viewerIn('clinician', { organisation: 'third' })],
    ['a system of the organisation', viewerIn('system')],
    ['the person', viewerIn('person', { person: SOMEBODY_ELSE })],
  ])('does not count for %s', (_, viewer) => {
    expect(opened(viewer).permitted).toBe(false);
  });

  it('counts for that person alone, and for them after a merge', () => {
    expect(opened(NURSE, { person: SOMEBODY_ELSE }).permitted).toBe(false);
    const merged = linked(recordOf(fragment('elsewhere', { subject: SOMEBODY_ELSE })), record);
    expect(access.view(NURSE, merged, NOW, [grantOf(NURSE, 'break-glass', { person: PERSON })]).permitted).toBe(true);
  });

  it('follows the organisation for which it was taken into the one that took over', () => {
    expect(opened(NURSE, { organisation: 'old-ours' }).permitted).toBe(true);
  });

  it('opens nothing in a role that could not take it now', () => {
    const worker = viewerIn('social-worker');
    expect(access.view(worker, record, NOW, [grantOf(worker, 'break-glass')]).permitted).toBe(false);
  });
});
