import { type Issue, isRefusal, type Refusal, refuse, refuseAll } from '../../../shared/fhir/outcomes.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { type Identity, isPersonId, parseLogicalId } from '../../../shared/record/identity.ts';
import { MOST_MEMBERS } from '../../../shared/store/signals/panels.ts';
import { isObject, issuesOfModifiers, issuesOfText, type Resource, readResource } from '../body.ts';
import type { SubscribeRequest } from '../context.ts';

/** A panel that is asked for, checked: personIds. */
export interface AskedPanel {
  readonly name?: string;
  readonly members: ReadonlySet<string>;
  /** Those who are said to be members no more. */
  readonly former: ReadonlySet<string>;
}

/** What is kept of a Group, or can be said of it without being kept. Whatever else was sent would be lost without anybody noticing. */
const TAKEN: ReadonlySet<string> = new Set('resourceType id meta type actual active name quantity member'.split(' '));

/**
 * Reads a Group of persons. Each is named by their id here or by NHS number; whether anything is known of them is not looked up, so that no answer tells.
 * NHS numbers are turned into ids at once and are not kept.
 */
export function readPanel(request: SubscribeRequest, identity: Identity, id?: string): AskedPanel | Refusal {
  const resource = readResource(request, 'Group', id);
  if (isRefusal(resource)) return resource;
  const members = Array.isArray(resource.member) ? (resource.member as readonly Resource[]) : [];
  // Counted before they are looked at: a million would take long to refuse one by one.
  if (members.length > 2 * MOST_MEMBERS) return refuse('panel-too-large', { expression: 'Group.member' });
  const invalid = refuseAll(validate(resource));
  if (invalid !== undefined) return invalid;
  const persons = members.map((member) => personOf(member, identity));
  const wrong = refuseAll([
    ...issuesOfGroup(resource),
    ...members.flatMap((member, at) => issuesOfMember(member, persons[at], at)),
  ]);
  if (wrong !== undefined) return wrong;
  const those = (inactive: boolean) =>
    new Set(persons.filter((_, index) => (members[index]!.inactive === true) === inactive) as readonly string[]);
  const standing = those(false);
  if (standing.size > MOST_MEMBERS) return refuse('panel-too-large', { expression: 'Group.member' });
  return {
    ...(typeof resource.name === 'string' ? { name: resource.name } : {}),
    members: standing,
    former: without(those(true), standing),
  };
}

/** Those of some who are not among others. */
export const without = (some: Iterable<string>, others: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...some].filter((person) => !others.has(person)));

function issuesOfGroup(group: Resource): readonly Issue[] {
  const bad = (name: string, diagnostics: string): Issue => ({ code: 'bad-panel', expression: `Group.${name}`, diagnostics });
  const issues: Issue[] = [...issuesOfModifiers(group, 'Group'), ...issuesOfText(group.name, 'Group.name')];
  if (group.type !== 'person') issues.push(bad('type', 'It has to be person.'));
  if (group.actual !== true) issues.push(bad('actual', 'It has to be true: members are listed, not described.'));
  if (group.active === false) issues.push(bad('active', 'A panel that is no longer wanted is deleted.'));
  const more = Object.keys(group).filter((name) => !TAKEN.has(name) && name !== 'modifierExtension' && name !== 'implicitRules');
  return [...issues, ...more.map((name) => bad(name, 'This is not kept. Leave it out.'))];
}

function issuesOfMember(member: Resource, person: string | undefined, index: number): readonly Issue[] {
  const at = `Group.member[${index}]`;
  const unknown = person === undefined ? [{ code: 'bad-panel' as const, expression: `${at}.entity` }] : [];
  return [...issuesOfModifiers(member, at), ...unknown];
}

/** The id of a person: as it is named, or as that of their NHS number. */
function personOf({ entity }: Resource, identity: Identity): string | undefined {
  if (!isObject(entity)) return undefined;
  const { reference, identifier } = entity;
  if (typeof reference === 'string') {
    const [, id = ''] = /^(?:https?:\/\/[^?#]+\/)?Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(reference) ?? [];
    const subject = parseLogicalId(id)?.subject;
    return subject !== undefined && isPersonId(subject) ? subject : undefined;
  }
  if (!isObject(identifier) || identifier.system !== NHS_NUMBER || typeof identifier.value !== 'string') return undefined;
  return identity.person({ system: NHS_NUMBER, value: identifier.value });
}
