import { RELATIONSHIPS, type Relationship } from '../../shared/access/relationships.ts';
import { ROLES, type Role } from '../../shared/access/roles.ts';
import type { Purpose } from '../../shared/access/viewer.ts';
import { SECTIONS } from '../../shared/fhir/sections.ts';
import type { Asking, Question, Reason } from './asking.ts';
import { MARKINGS } from './words.ts';

/** The tables of the document, each as rows of cells with the head first. */
export type Table = readonly (readonly string[])[];

const YES = 'yes';
const ROLE_NAMES = Object.keys(ROLES) as Role[];
/** Sections of persons: a directory is nobody's record. */
const SECTION_NAMES = Object.keys(SECTIONS).filter((section) => section !== 'directory') as (keyof typeof SECTIONS)[];
const titleOf = (role: Role): string => ROLES[role].title;
const matrix = <Row, Column>(
  rows: readonly Row[],
  columns: readonly Column[],
  heads: { corner: string; row: (row: Row) => string; column: (column: Column) => string },
  holds: (row: Row, column: Column) => boolean,
): Table => [
  [heads.corner, ...columns.map(heads.column)],
  ...rows.map((row) => [heads.row(row), ...columns.map((column) => (holds(row, column) ? YES : ''))]),
];

/** The plainest reason that a role has: the person is in their care, calls, is themselves. */
const usualReason = (role: Role): Reason =>
  role === 'person' ? 'self' : role === 'proxy' ? 'proxy' : role === 'paramedic' ? 'emergency-call' : 'encounter';

/** Section by role, where the person is in the care of the viewer's organisation now. */
export const sectionTable = ({ sees }: Asking): Table =>
  matrix(
    SECTION_NAMES,
    ROLE_NAMES,
    { corner: 'section', row: (section) => SECTIONS[section], column: titleOf },
    (section, role) => sees({ role, section, reasons: [usualReason(role)] }),
  );

const REASONS: readonly (readonly [Reason, string])[] = [
  ['none', 'no reason'],
  ...(Object.keys(RELATIONSHIPS) as Relationship[]).map((name) => [name, RELATIONSHIPS[name].title] as const),
  ['self', 'their own record'],
  ['proxy', 'the record says that they may act for the person'],
  ['claimed', 'a relationship that they claim themselves'],
  ['break-glass', 'a broken glass'],
];

/** Which sections a role sees for which purpose and reasons; sections that are alike in this stand together. */
export function reasonTable({ sees }: Asking, role: Role): Table {
  const groups = new Map<string, string[]>();
  for (const purpose of ROLES[role].purposes) {
    for (const section of SECTION_NAMES) {
      const opened = REASONS.filter(([reason]) => sees({ role, purpose, section, reasons: [reason] })).map(([, title]) => title);
      if (opened.length === 0) continue;
      const key = `${PURPOSES[purpose]}\n${opened.join('; ')}`;
      groups.set(key, [...(groups.get(key) ?? []), SECTIONS[section]]);
    }
  }
  const rows = [...groups].map(([key, sections]) => {
    const [purpose = '', reasons = ''] = key.split('\n');
    return [purpose, inShort(sections), reasons];
  });
  return [['in order to', 'sees', 'with one of these reasons'], ...rows];
}

/** What a role sees by a relationship that its own organisation has made alone: safeguarding by reason, with that of another beside it. */
export const selfMadeTable = ({ sees }: Asking): Table => {
  const roles = ROLE_NAMES.filter((role) => !['person', 'proxy'].includes(role));
  const reasons = REASONS.filter(([reason]) => reason in RELATIONSHIPS && reason !== 'contributor');
  const seen = (role: Role, reason: Reason, selfMade: boolean) =>
    ROLES[role].purposes.some((purpose) => sees({ role, purpose, section: 'safeguarding', reasons: [reason], selfMade }));
  return [
    ['safeguarding', ...roles.map(titleOf)],
    ...reasons.flatMap(([reason, title]) => [
      ...(reason === 'stay'
        ? []
        : [[`${title}, as another told`, ...roles.map((role) => (seen(role, reason, false) ? YES : ''))]]),
      [`${title}, by their own word alone`, ...roles.map((role) => (seen(role, reason, true) ? YES : ''))],
    ]),
  ];
};

/** Sections by name, or what is left out where most are in. */
function inShort(sections: readonly string[]): string {
  const others = SECTION_NAMES.map((section) => SECTIONS[section]).filter((title) => !sections.includes(title));
  if (others.length === 0) return 'every section';
  return others.length < 10 ? `every section but ${others.join('; ')}` : sections.join('; ');
}

const PURPOSES: Readonly<Record<Purpose, string>> = {
  'direct-care': 'give care',
  safeguarding: 'safeguard',
  investigation: 'investigate',
  'patient-administration': 'keep records of the right people',
  'own-access': 'know what is kept',
  system: 'show it to their organisation',
};

/** In which position somebody is to what is sensitive. */
export const POSITIONS: Readonly<Record<string, (role: Role) => Pick<Question, 'reasons' | 'isOwn'>>> = {
  'Another organisation contributed it': (role) => ({ reasons: [usualReason(role)] }),
  'Their own organisation contributed it': (role) => ({ reasons: [usualReason(role)], isOwn: true }),
  'Another organisation contributed it; theirs is claimed to be the registered practice': (role) => ({
    reasons: [usualReason(role), 'registered-practice'],
  }),
  'Another organisation contributed it; theirs is the registered practice, confirmed': (role) => ({
    reasons: [usualReason(role), 'confirmed-practice'],
  }),
  'Another organisation contributed it; they have broken the glass': (role) => ({
    reasons: [usualReason(role), 'break-glass'],
  }),
};

/** Marking by role, in one position, for a problem or, where the role sees none, an appointment. */
export const markingTable = ({ sees }: Asking, position: keyof typeof POSITIONS): Table =>
  matrix(
    Object.keys(MARKINGS) as (keyof typeof MARKINGS)[],
    ROLE_NAMES,
    { corner: 'what it is', row: (name) => MARKINGS[name], column: titleOf },
    (marking, role) =>
      ['problems', 'appointments'].some((section) => sees({ role, section, marking, ...POSITIONS[position]!(role) })),
  );

/** What is known of the person by role: whether they see demographics that another organisation, and that their own, contributed. */
export const personTable = ({ sees }: Asking): Table => [
  ['the person', 'who contributed it', ...ROLE_NAMES.map(titleOf)],
  ...(['optedOut', 'deceased'] as const).flatMap((fact) =>
    [false, true].map((isOwn) => [
      fact === 'optedOut' ? 'has opted out' : 'has died',
      isOwn ? 'their own organisation' : 'another',
      ...ROLE_NAMES.map((role) =>
        sees({ role, section: 'demographics', reasons: [usualReason(role)], isOwn, person: { [fact]: true } }) ? YES : '',
      ),
    ]),
  ),
];

const DEED = { isOwn: false, aboutViewer: false, byViewer: false, oversees: false };

/** What somebody may do beside looking. */
const DEEDS: Readonly<Record<string, (asking: Asking, role: Role) => boolean>> = {
  'break the glass': ({ may }, role) => may(role, 'break-glass'),
  'claim a relationship': ({ may }, role) => may(role, 'claim-relationship'),
  'be told that some information is withheld': ({ may }, role) => may(role, 'hear-of-withholding'),
  'read who looked at their own record': ({ mayWith }, role) => mayWith(role, 'read-audit', { ...DEED, aboutViewer: true }),
  'read what was noted of their own looks': ({ mayWith }, role) =>
    mayWith(role, 'read-audit', { ...DEED, isOwn: true, byViewer: true }),
  'read who of their organisation looked': ({ mayWith }, role) => mayWith(role, 'read-audit', { ...DEED, isOwn: true }),
  'read who of another organisation looked': ({ mayWith }, role) => mayWith(role, 'read-audit', DEED),
  'the same, for the organisation that oversees all': ({ mayWith }, role) =>
    mayWith(role, 'read-audit', { ...DEED, oversees: true }),
  'see again what was shown to somebody of their organisation': ({ mayWith }, role) =>
    mayWith(role, 'replay', { ...DEED, isOwn: true }),
  'review what somebody of their organisation did': ({ mayWith }, role) => mayWith(role, 'review', { ...DEED, isOwn: true }),
  'answer questions put to the records office of their organisation': ({ mayWith }, role) =>
    mayWith(role, 'resolve', { ...DEED, isOwn: true }),
};

export const deedTable = (asking: Asking): Table =>
  matrix(Object.keys(DEEDS), ROLE_NAMES, { corner: 'may', row: (deed) => deed, column: titleOf }, (deed, role) =>
    DEEDS[deed]!(asking, role),
  );

/** How long relationships stand. */
export const relationshipTable: Table = [
  [
    'relationship',
    'stands already, days before',
    'still stands, days after',
    'without a known end at most, days from its beginning',
  ],
  ...Object.values(RELATIONSHIPS).map(({ title, beforeDays, afterDays, atMostDays }) => [
    title,
    `${beforeDays}`,
    `${afterDays}`,
    `${atMostDays ?? 'no limit'}`,
  ]),
];

export const ROLES_TOLD = ROLE_NAMES.map((role) => [role, titleOf(role)] as const);
