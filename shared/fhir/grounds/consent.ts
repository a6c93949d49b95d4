import type { Ground } from '../../record/contribution.ts';
import { parseLogicalId } from '../../record/identity.ts';
import { isNhsNumber } from '../nhs-number.ts';
import { NHS_NUMBER } from '../systems.ts';
import type { Known } from './grounds.ts';
import { type Json, listAt, objectOf, textAt } from './look.ts';

/** Purposes for which a record is shared here (http://terminology.hl7.org/CodeSystem/v3-ActReason). A denial of others, such as research, is no opt-out. */
const CARE: ReadonlySet<unknown> = new Set(['TREAT', 'ETREAT', 'ERTREAT', 'BTG', 'CAREMGT', 'COC']);

/** More than any person seals or names. */
const MAX_NAMES = 200;

/**
 * What a Consent of scope `patient-privacy` says (http://hl7.org/fhir/R4/consent.html), while it is active:
 * - denied, whoever asks and whatever for: the person opted out of the shared record;
 * - denied, with `data`: those fragments are sealed, for everybody, whomever it names;
 * - permitted, to an `actor` with an NHS number: that person is a proxy.
 *
 * Each provision inside the first one counts by itself. A denial of everything to one actor is not acted on: each partner decides which of its own staff look.
 */
export function consentGrounds(consent: Json, known: Known): readonly Ground[] {
  if (consent.status !== 'active') return [];
  if (!listAt(consent, 'scope.coding').some(({ code }) => code === 'patient-privacy')) return [];
  const outer = objectOf(consent.provision);
  const grounds = [outer, ...(outer === undefined ? [] : listAt(outer, 'provision'))].flatMap((provision) =>
    provision === undefined ? [] : provisionGrounds(provision, known),
  );
  if (outer === undefined && isOptOutRule(consent)) grounds.push({ kind: 'opt-out', names: [] });
  return grounds.slice(0, MAX_NAMES);
}

/** The rule by itself, without a provision (http://terminology.hl7.org/CodeSystem/v3-ActCode). */
const isOptOutRule = (consent: Json): boolean =>
  listAt(consent, 'policyRule.coding').some(({ code }) => code === 'OPTOUT' || code === 'OPTOUTE');

function provisionGrounds(provision: Json, known: Known): Ground[] {
  const from = textAt(provision, 'period.start');
  const to = textAt(provision, 'period.end');
  const dated = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (provision.type === 'permit') {
    const names = proxiesOf(provision, known);
    return names.length === 0 ? [] : [{ kind: 'proxy', ...dated, names }];
  }
  if (provision.type !== 'deny') return [];
  if (listAt(provision, 'data').length > 0) {
    const names = sealedBy(provision, known);
    return names.length === 0 ? [] : [{ kind: 'sealed', ...dated, names }];
  }
  const isOptOut = listAt(provision, 'actor').length === 0 && isAboutCare(provision);
  return isOptOut ? [{ kind: 'opt-out', ...dated, names: [] }] : [];
}

function isAboutCare(provision: Json): boolean {
  const purposes = listAt(provision, 'purpose');
  return purposes.length === 0 || purposes.some(({ code }) => CARE.has(code));
}

/** NHS numbers of whom something is permitted to. */
function proxiesOf(provision: Json, known: Known): string[] {
  const names = listAt(provision, 'actor.reference').flatMap((reference) => {
    const { system, value } = objectOf(reference.identifier) ?? {};
    const more = typeof reference.reference === 'string' ? known.identifiersAt(reference.reference) : [];
    return [`${system}|${value}`, ...more];
  });
  return distinct(names.filter((name) => name.startsWith(`${NHS_NUMBER}|`) && isNhsNumber(name.slice(NHS_NUMBER.length + 1))));
}

/** Ids of the fragments that data point at. What is sealed before it comes is named by its identifier. */
function sealedBy(provision: Json, known: Known): string[] {
  const ids = listAt(provision, 'data.reference').flatMap(({ type, reference, identifier }) => {
    if (typeof reference === 'string') return parseLogicalId(reference.split('/')[1] ?? '')?.fragmentId ?? [];
    const { system, value } = objectOf(identifier) ?? {};
    if (typeof type !== 'string' || typeof system !== 'string' || typeof value !== 'string') return [];
    return known.fragmentNamed(type, { system, value }) ?? [];
  });
  return distinct(ids);
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].slice(0, MAX_NAMES);
