import { loadPolicies, type PolicyTexts } from '../../shared/access/policy-set.ts';
import { createAsking } from './asking.ts';
import { assertionTable, wordTable } from './assertions.ts';
import { hearingTable } from './hearing.ts';
import { type Rule, topicsOf } from './rules.ts';
import { sensitiveTable } from './sensitive.ts';
import {
  deedTable,
  markingTable,
  POSITIONS,
  personTable,
  ROLES_TOLD,
  reasonTable,
  relationshipTable,
  sectionTable,
  selfMadeTable,
  type Table,
} from './tables.ts';

/** Who may see what, for people who do not read programs: the rules as their comments tell them, and tables that the policies themselves were asked for. */
export function policyDocument(texts: PolicyTexts): string {
  const asking = createAsking(loadPolicies(texts));
  return `${[
    INTRODUCTION,
    '## Which sections a role sees',
    'The person is in the care of the viewer’s organisation now: admitted there, or calling its ambulance. Somebody else contributed what is asked about, and nothing about it is sensitive. For people: their own record, or that of whom they act for.',
    markdown(sectionTable(asking)),
    '## With which reasons',
    'Each relationship as another organisation told of it.',
    ...ROLES_TOLD.flatMap(([role, title]) => [`### ${capital(title)}`, rolePart(reasonTable(asking, role))]),
    '## What their own organisation alone told of',
    'The same, where nobody but the viewer’s own organisation told of the relationship: what is left out is safeguarding.',
    markdown(selfMadeTable(asking)),
    '## Whose word counts',
    'What somebody states about a person can open or close the record to others. The policies say whose word takes effect: asked of them, position by position.',
    markdown(wordTable(asking)),
    'What each does, and how it is undone:',
    markdown(assertionTable),
    '## How long a relationship stands',
    'A day is 24 hours. A date that is not whole is read as the longest time that it may mean: what ended in `2026-06` has ended when June has, in London.',
    markdown(relationshipTable),
    '## What is sensitive',
    'Whether it is seen in a section that the role sees, with the plainest reason that the role has.',
    ...Object.keys(POSITIONS).flatMap((position) => [`### ${position}`, markdown(markingTable(asking, position))]),
    '## What makes it sensitive',
    'By what it is about, and by how its source labels it. Every set can be put on as a label of its own (`urn:chesil:security`), for what has no code. What is marked safeguarding is so by its section.',
    markdown(sensitiveTable),
    '## Who has opted out, and who has died',
    'Whether demographics are seen, with the plainest reason that the role has.',
    markdown(personTable(asking)),
    '## Who hears of a change',
    'An organisation hears of a change to what its system may see. What follows upon something that it could see until then, or was told of, it hears once more without seeing it, where it is corrected, taken back, or changed as the person leaves. It hears only that something changed, and where one who may would fetch it.',
    markdown(hearingTable(asking)),
    '## What somebody may do beside looking',
    markdown(deedTable(asking)),
    '## The rules',
    'Each as it stands above the rule itself. What no rule lets somebody see is not shown; one rule that forbids outweighs any number that let.',
    ...[...topicsOf(texts)].map(([topic, rules]) => topicPart(topic, rules)),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Who may see what

Made by \`npm run policy\` from the policies in [shared/access/policies](../../shared/access/policies), which decide every look at a record. Change them there, not here: \`npm run check\`
fails when this page says something else than they do. Every case in [test/unit/access/decisions](../../test/unit/access/decisions) is tested with the rule that must decide it.`;

const rolePart = (table: Table): string => (table.length > 1 ? markdown(table) : 'Sees nothing of any record.');

const topicPart = (topic: string, rules: readonly Rule[]): string =>
  [
    `### ${capital(topic.replaceAll('-', ' '))}`,
    ...rules.map(({ id, effect, comment }) => `**\`${id}\`** ${EFFECTS[effect]}. ${comment}`),
  ].join('\n\n');

const EFFECTS = { permit: 'lets', forbid: 'forbids' } as const;

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A table of GitHub's Markdown. */
function markdown([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
