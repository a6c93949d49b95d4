import { officeOf, TASK_KIND_NAMES } from '../../shared/access/review/task-kinds.ts';
import { ACCESS_EVENT_SOURCE, ACCESS_EVENTS } from '../../shared/changes/access-events.ts';
import { CATALOGUE, CHANGE_NAMES, type ChangeName, type Row } from '../../shared/changes/catalogue.ts';
import { announcementsOf } from '../../shared/changes/envelope.ts';
import { organisationEvent } from '../../shared/changes/organisation-events.ts';
import { TOLD } from '../../shared/changes/row.ts';
import { createVersionNames } from '../../shared/record/version-names.ts';
import { exampleAccessEvent, exampleChange, exampleOrganisationChange, ORIGIN } from './examples.ts';
import { triggerWords } from './words.ts';

/** Every event that an organisation can hear of, for those who are to act on it: printed from the catalogue. */
export function eventsDocument(): string {
  const themes = Map.groupBy(CHANGE_NAMES, (name) => CATALOGUE[name].theme);
  return `${[
    INTRODUCTION,
    ...[...themes].flatMap(([theme, names]) => [`## ${theme}`, summary(names), ...names.map(chapter)]),
    '## Access',
    `Told to privacy offices and records offices alone, with the source \`${ACCESS_EVENT_SOURCE}\`. They name no person, no member of staff and no reason: the task does, to those who may read it.`,
    table(
      TASK_KIND_NAMES.map((kind) => {
        const { name, urgency, meaning } = ACCESS_EVENTS[kind];
        return [`\`${name}\``, urgency, meaning, TOLD[TOLD_OFFICES[officeOf(kind)]]];
      }),
      ['name', 'urgency', 'meaning', 'who is told'],
    ),
    example(exampleAccessEvent()),
  ].join('\n\n')}\n`;
}

const TOLD_OFFICES = { privacy: 'privacy-office', records: 'records-office' } as const;

const INTRODUCTION = `# What organisations can hear of

Printed by \`npm run events\` from the catalogue in \`shared/changes\`: change that, not this.

An event says that something happened and where to fetch it. It holds nothing clinical and no NHS number. Its type is \`uk.chesil.<name>.<version>\`; a version that you do not know is to be put aside.

Urgency: **A** at once, **B** within 15 minutes, **C** the same day, **D** in a digest. All are sent at once; the urgency is what they deserve.

Whoever is named as told hears of it only if the policies let them see it (\`docs/governance/policy.md\`). Whoever asked to hear of a change hears also of what takes it back or corrects it.

What happened longer ago than the days given, when it was recorded, is no news and raises \`fragment-created\` alone. A version that arrives late raises nothing. The same stay or thing, told by several systems, is told once, unless what was told first could be seen by fewer.`;

const summary = (names: readonly ChangeName[]): string =>
  table(
    names.map((name) => [`[\`${name}\`](#${name})`, CATALOGUE[name].urgency, CATALOGUE[name].meaning]),
    ['name', 'urgency', 'meaning'],
  );

function chapter(name: ChangeName): string {
  const row: Row = CATALOGUE[name];
  return [
    `### ${name}`,
    `${row.meaning} Urgency ${row.urgency}, version ${row.version}.`,
    [
      `* About: the ${row.subject}`,
      ...row.raisedBy.map((trigger) => `* Raised by: ${triggerWords(trigger)}`),
      `* Told to: ${row.told.map((told) => TOLD[told]).join('; ')}`,
      ...correctionsOf(row),
    ].join('\n'),
    ...(row.note === undefined ? [] : [row.note]),
    example(exampleOf(name)),
  ].join('\n\n');
}

function correctionsOf({ corrects = [], correctsFragment }: Row): readonly string[] {
  if (correctsFragment) return ['* Corrects: whatever was told of the fragment'];
  return corrects.length === 0 ? [] : [`* Corrects: ${corrects.map((name) => `\`${name}\``).join(', ')}`];
}

/** Names of versions as they look, by a key that no deployment has. */
const EXAMPLE_NAMES = createVersionNames(Buffer.alloc(32));

function exampleOf(name: ChangeName): unknown {
  const change = exampleOrganisationChange(name);
  if (change !== undefined) return organisationEvent(change, ORIGIN);
  return announcementsOf([{ change: exampleChange(name), audience: ['dch'] }], ORIGIN, EXAMPLE_NAMES)[0]!.detail.event;
}

const example = (event: unknown): string => `\`\`\`json\n${JSON.stringify(event, undefined, 2)}\n\`\`\``;

const table = (rows: readonly (readonly string[])[], head: readonly string[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
