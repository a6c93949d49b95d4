import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventsDocument } from '../../../infra/events/document.ts';
import { DOCUMENT, problemsOfEvents } from '../../../infra/events/problems.ts';
import { triggerWords } from '../../../infra/events/words.ts';
import { ACCESS_EVENTS } from '../../../shared/changes/access-events.ts';
import { CATALOGUE, CHANGE_NAMES } from '../../../shared/changes/catalogue.ts';

describe('docs/events.md', () => {
  it('says what the catalogue says', () => {
    expect(problemsOfEvents()).toEqual([]);
    expect(readFileSync(DOCUMENT, 'utf8')).toBe(eventsDocument());
  });

  it.each(CHANGE_NAMES)('tells of %s: what it means, what raises it, whom it is told, with an example', (name) => {
    const [, chapter = ''] = eventsDocument().split(`### ${name}\n`);
    const [own] = chapter.split('\n### ');
    expect(own).toContain(CATALOGUE[name].meaning);
    for (const trigger of CATALOGUE[name].raisedBy) expect(own).toContain(triggerWords(trigger));
    for (const corrected of CATALOGUE[name].corrects ?? []) expect(own).toContain(`\`${corrected}\``);
    expect(own).toContain(`"type": "uk.chesil.${name}.${CATALOGUE[name].version}"`);
  });

  it('tells of what privacy offices hear', () => {
    for (const { name } of Object.values(ACCESS_EVENTS)) expect(eventsDocument()).toContain(`\`${name}\``);
  });

  it('describes every trigger in words of its own', () => {
    const words = CHANGE_NAMES.flatMap((name) => CATALOGUE[name].raisedBy.map((trigger) => `${name}: ${triggerWords(trigger)}`));
    expect(new Set(words).size).toBe(words.length);
    for (const each of words) expect(each).not.toMatch(/undefined|\[object/);
  });
});
