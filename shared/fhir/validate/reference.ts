import { isKnownType } from '../compartment.ts';
import { notePointer } from './contained.ts';
import { report, type Walk } from './walk.ts';

/** `Patient/1`, `https://host/fhir/Patient/1`, either with `/_history/2`. */
const LITERAL = /^(?:[a-z][a-z0-9+.-]*:\/\/\S+\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/i;
/** `Practitioner?identifier=…`, as transactions use it. */
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?\S+$/;
const WHITESPACE = /\s/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const SPEC = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Checks a Reference (http://hl7.org/fhir/R4/references.html): that `#id` is there (ref-1), that the address can be read, and that what it
 * names, or what `type` says, is allowed here. What an address of nobody's known type points at is left to whoever resolves it.
 */
export function checkReference(
  walk: Walk,
  value: Readonly<Record<string, unknown>>,
  targets: ReadonlySet<string> | undefined,
): void {
  const { reference, type } = value;
  if (typeof reference === 'string' && reference !== '') checkLiteral(walk, reference, targets);
  if (typeof type !== 'string') return;
  const named = type.startsWith(SPEC) ? type.slice(SPEC.length) : type;
  if (isKnownType(named) && !isAllowed(named, targets)) report(walk, 'bad-reference', undefined, '.type');
}

const isAllowed = (type: string, targets: ReadonlySet<string> | undefined): boolean => targets === undefined || targets.has(type);

function checkLiteral(walk: Walk, reference: string, targets: ReadonlySet<string> | undefined): void {
  const type = reference.startsWith('#') ? containedType(walk, reference) : typeNamedBy(reference);
  if (type === UNREADABLE) report(walk, 'bad-reference', FORM, '.reference');
  else if (type === MISSING)
    report(walk, 'bad-reference', 'ref-1: Nothing that the resource contains has this id.', '.reference');
  else if (type !== ANY && !isAllowed(type, targets)) report(walk, 'bad-reference', NOT_HERE, '.reference');
}

const FORM = 'A reference is an address: Type/id with a type of R4, Type?search, #id, urn:uuid:… or a web address.';
const NOT_HERE = 'What is referred to has a type that is not allowed here.';
// No type of resource has a name like these.
const ANY = '*';
const MISSING = '?';
const UNREADABLE = '!';

/** An address that has no form of FHIR's may still be one that somebody understands, unless it is no address or has FHIR's form with another type. */
function typeNamedBy(reference: string): string {
  const named = LITERAL.exec(reference)?.[1] ?? CONDITIONAL.exec(reference)?.[1];
  if (named !== undefined && isKnownType(named)) return named;
  const isForeign = named === undefined || SCHEME.test(reference);
  return isForeign && !WHITESPACE.test(reference) ? ANY : UNREADABLE;
}

function containedType({ container }: Walk, reference: string): string {
  if (container === undefined) return ANY;
  notePointer(container, reference);
  return reference === '#' ? ANY : (container.contained.get(reference.slice(1)) ?? MISSING);
}
