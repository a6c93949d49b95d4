import type { Resource } from '../../partners.ts';
import { byNhs, typed } from '../../resources.ts';

/** The rules of naming, told a second time and in the simplest way: what the system does is held against them. */

/** What one message says: enough to make a resource of it for any person. */
export interface Message {
  readonly type: keyof typeof SHAPES;
  /** Own id of the source; its number, so that messages meet. */
  readonly ownId?: number;
  readonly identifiers: readonly Kind[];
  readonly code: number;
  /** How the code is displayed: says nothing of what the thing is. */
  readonly display: number;
  /** What else it says: another one is another version. */
  readonly says: number;
}

const LAB = 'https://uhd.example/numbers';
const SNOMED = 'http://snomed.info/sct';

/** Identifiers that messages may bear: several of one rank, of every use, and kinds that only group. */
const KINDS = {
  a: { system: LAB, value: 'a' },
  b: { system: LAB, value: 'b' },
  usual: { system: LAB, value: 'usual', use: 'usual' },
  official: { system: LAB, value: 'official', use: 'official' },
  secondary: { system: LAB, value: 'secondary', use: 'secondary' },
  temp: { system: LAB, value: 'temp', use: 'temp' },
  old: { system: LAB, value: 'old', use: 'old' },
  accession: typed('ACSN', LAB, 'accession'),
  valueOnly: { value: 'value' },
} as const;
export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as Kind[];

const concept = (code: number, display: number) => ({
  coding: [{ system: SNOMED, code: `10${code}`, ...(display === 0 ? {} : { display: `Code ${code}, called ${display}` }) }],
});
const CLINICAL = 'http://terminology.hl7.org/CodeSystem';
const active = (system: string) => ({ clinicalStatus: { coding: [{ system: `${CLINICAL}/${system}`, code: 'active' }] } });

interface Shape {
  /** Whether identifiers of this type group things, so that the code is part of the name. */
  readonly groups: boolean;
  /** Whether an accession number names it. */
  readonly accession: boolean;
  readonly make: (subject: object, code: object, says: string) => object;
}

const SHAPES = {
  Observation: {
    groups: true,
    accession: false,
    make: (subject: object, code: object, says: string) => ({ status: 'final', subject, code, valueString: says }),
  },
  DiagnosticReport: {
    groups: true,
    accession: true,
    make: (subject: object, code: object, says: string) => ({ status: 'final', subject, code, conclusion: says }),
  },
  MedicationStatement: {
    groups: true,
    accession: false,
    make: (subject: object, medicationCodeableConcept: object, says: string) => ({
      status: 'active',
      subject,
      medicationCodeableConcept,
      note: [{ text: says }],
    }),
  },
  Condition: {
    groups: false,
    accession: false,
    make: (subject: object, code: object, says: string) => ({
      ...active('condition-clinical'),
      subject,
      code,
      note: [{ text: says }],
    }),
  },
  Encounter: {
    groups: false,
    accession: false,
    make: (subject: object, code: object, says: string) => ({
      status: 'finished',
      class: { code: 'IMP' },
      type: [code],
      subject,
      priority: { text: says },
    }),
  },
  AllergyIntolerance: {
    groups: false,
    accession: false,
    make: (patient: object, code: object, says: string) => ({
      ...active('allergyintolerance-clinical'),
      patient,
      code,
      note: [{ text: says }],
    }),
  },
} satisfies Readonly<Record<string, Shape>>;
export const TYPES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];

/** The resource of a message about somebody. What it says begins with its own id, so that a version shows whose it is. */
export function resourceOf({ type, ownId, identifiers, code, display, says }: Message, nhsNumber: string): Resource {
  const named = identifiers.map((kind) => KINDS[kind]);
  return {
    resourceType: type,
    ...(ownId === undefined ? {} : { id: `own-${ownId}` }),
    ...(named.length === 0 ? {} : { identifier: named }),
    ...SHAPES[type].make(byNhs(nhsNumber), concept(code, display), `${ownId ?? 'no id'}: ${says}`),
  };
}

/** The name of a message's thing, within its owner, source and person; `undefined` where it has none. */
export function nameOf({ type, ownId, identifiers, code }: Message): string | undefined {
  if (ownId !== undefined) return JSON.stringify([type, 'own id', ownId]);
  const naming = identifiers.filter((kind) => kind !== 'accession' || SHAPES[type].accession);
  const ranks: readonly (readonly Kind[])[] = [['official'], ['a', 'b', 'usual', 'accession'], ['secondary']];
  const best = ranks.map((rank) => naming.filter((kind) => rank.includes(kind))).find(({ length }) => length > 0);
  if (best === undefined) return undefined;
  return JSON.stringify([type, [...new Set(best)].sort(), ...(SHAPES[type].groups ? [code] : [])]);
}

/** What a resource says, without the id that its source gave it: the same text is the same version. */
export function contentOf({ id: _id, ...resource }: Resource): string {
  return JSON.stringify(resource);
}

/** What the model expects of one entry. */
export type Expected = 'created' | 'updated' | 'unchanged';

/** Everything that one source has said of one person. */
export class Model {
  /** Contents of the versions of each thing by its name, the oldest first. */
  readonly things = new Map<string, string[]>();
  private nameless = 0;

  /** One message, alone. One without a name makes something new each time. */
  write(message: Message, nhsNumber: string): Expected {
    return this.add(nameOf(message) ?? `nameless ${this.nameless++}`, contentOf(resourceOf(message, nhsNumber)));
  }

  /** Entries of a batch, one after the other. Without a name, an entry goes by its content. */
  batch(messages: readonly Message[], nhsNumber: string): readonly Expected[] {
    return messages.map((message) => this.add(nameInBundle(message, nhsNumber), contentOf(resourceOf(message, nhsNumber))));
  }

  /** Entries of a transaction. `refused`: one name says two things. */
  transaction(messages: readonly Message[], nhsNumber: string): readonly Expected[] | 'refused' {
    if (quarrels(messages, nhsNumber)) return 'refused';
    const first = new Map<string, Expected>();
    return messages.map((message) => {
      const name = nameInBundle(message, nhsNumber);
      const expected = first.get(name) ?? this.add(name, contentOf(resourceOf(message, nhsNumber)));
      first.set(name, expected);
      return expected;
    });
  }

  private add(name: string, content: string): Expected {
    const versions = this.things.get(name);
    if (versions === undefined) {
      this.things.set(name, [content]);
      return 'created';
    }
    if (versions.at(-1) === content) return 'unchanged';
    versions.push(content);
    return 'updated';
  }

  /** Every thing as the contents of its versions, sorted. */
  histories(): readonly (readonly string[])[] {
    return [...this.things.values()].sort(byText);
  }
}

export const byText = (one: readonly string[], other: readonly string[]): number =>
  JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;

const nameInBundle = (message: Message, nhsNumber: string): string =>
  nameOf(message) ?? `content ${contentOf(resourceOf(message, nhsNumber))}`;

/** Whether two messages of one transaction have one name and say different things. */
export function quarrels(messages: readonly Message[], nhsNumber: string): boolean {
  const contents = new Map<string, string>();
  return messages.some((message) => {
    const [name, content] = [nameInBundle(message, nhsNumber), contentOf(resourceOf(message, nhsNumber))];
    const known = contents.get(name);
    contents.set(name, content);
    return known !== undefined && known !== content;
  });
}
