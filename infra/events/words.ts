import { EXTENSIONS, READINGS } from '../../shared/changes/detect/paths.ts';
import type { AlreadyTold, Condition, FragmentTrigger, PersonTrigger, Trigger } from '../../shared/changes/row.ts';

/** A trigger in words, for people who do not read programs. */
export function triggerWords(trigger: Trigger): string {
  switch (trigger.on) {
    case 'fragment':
      return fragmentWords(trigger);
    case 'person':
      return personWords(trigger);
    case 'version':
      return `any version that was ${trigger.action}`;
    case 'link':
      if (trigger.replacesNumber) return 'a tracing source says that one NHS number replaces another';
      return trigger.kind === 'link' ? 'two persons are linked' : 'two persons are unlinked';
    case 'outside':
      return trigger.by;
  }
}

function fragmentWords(trigger: FragmentTrigger): string {
  const { types, of, to, gone, from, notFrom, changed, repeats, unless } = trigger;
  const parts = [
    types === '*' ? 'any type' : types.split(' ').join(' or '),
    of === undefined ? '' : `where ${conditionWords(of)}`,
    from === undefined || isEmpty(from) ? '' : `before, ${conditionWords(from)}`,
    `now ${conditionWords(to)}${gone ? ' (or deleted)' : ''}`,
    notFrom === undefined ? '' : `unless before, ${conditionWords(notFrom)}`,
    changed === undefined ? '' : `with another ${changed.map(pathWords).join(' or ')}`,
    repeats ? 'with every version' : '',
    ageWords(trigger),
    ...(unless ?? []).map((already) => `unless ${alreadyWords(already)}`),
  ];
  return parts.filter((part) => part !== '').join('; ');
}

const isEmpty = (condition: Condition): boolean => Object.keys(condition).length === 0;

const conditionWords = (condition: Condition): string =>
  Object.entries(condition)
    .map(([path, wanted]) => `${pathWords(path)} ${valueWords(wanted)}`)
    .join(' and ');

function valueWords(wanted: string): string {
  if (wanted === '*') return 'is there';
  if (wanted.startsWith('* but ')) return `is other than ${list(wanted.slice('* but '.length))}`;
  return wanted.startsWith('!') ? `is not ${list(wanted.slice(1))}` : `is ${list(wanted)}`;
}

const list = (values: string): string =>
  values
    .split(' ')
    .map((value) => `\`${value}\``)
    .join(' or ');

/** An extension is named where the row's note does not: by the last part of its address. */
const pathWords = (path: string): string =>
  path
    .split(' ')
    .map((one) => READINGS[one]?.words ?? `\`${one.replaceAll(/extension:(\w+)/g, (_, name: string) => shortName(name))}\``)
    .join(' or ');

const shortName = (name: string): string => EXTENSIONS[name]?.split('/').at(-1) ?? name;

function ageWords({ dated, freshDays, alwaysFresh }: FragmentTrigger): string {
  if (freshDays === undefined) return '';
  const where = (dated ?? '').split(' ').map(pathWords).join(' or ');
  const days = freshDays === 1 ? 'a day' : `${freshDays} days`;
  return `no more than ${days} ago by ${where}${alwaysFresh ? '' : ' (in the first load of a source; later, whenever)'}`;
}

const alreadyWords = ({ same, is, alike }: AlreadyTold): string =>
  `of another fragment of the same ${same}, ${conditionWords(is)}${alike ? ', and it says the same' : ''}`;

const FACTS: Readonly<Record<PersonTrigger['fact'], string>> = {
  address: 'an address',
  practice: 'a registered practice',
  'formal-death': 'a death that is not informal',
  'informal-death': 'a death that is informal',
  death: 'a death',
  'death-date': 'a date of death',
  restricted: 'a restriction',
  'opt-out': 'an opt-out',
};

const WHEN: Readonly<Record<PersonTrigger['when'], (fact: string) => string>> = {
  first: (fact) => `${fact} is told that nobody told before`,
  other: (fact) => `${fact} is told that is another than all told before`,
  moved: (fact) => `${fact} is told to which the person has moved, and not by somebody who tells late what others told before`,
  gone: (fact) => `nobody tells any more of ${fact}`,
};

const personWords = ({ fact, when, unless, freshDays }: PersonTrigger): string =>
  [
    WHEN[when](FACTS[fact]),
    unless === undefined ? '' : `unless somebody had told of ${FACTS[unless]}`,
    freshDays === undefined ? '' : `no more than ${freshDays} days ago (in the first load of a source; later, whenever)`,
  ]
    .filter((part) => part !== '')
    .join(', ');
