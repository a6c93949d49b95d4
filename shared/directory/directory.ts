import type { Identifier } from '../record/identity.ts';

/** A value with the days on which it stood: `from` inclusive, `to` exclusive, ISO dates; open where absent. */
export interface Dated<T> {
  readonly value: T;
  readonly from?: string;
  readonly to?: string;
}

/** What kind of organisation a partner is: decides how far its demographics are trusted and what it may be told. */
export type OrganisationKind = 'gp-practice' | 'trust' | 'ambulance' | 'council' | 'icb' | 'other';

/** A partner: organisations merge and are renamed, so everything about them is dated. */
export interface Organisation {
  /** Internal id, for ever: a slug of 2 to 20 characters. */
  readonly id: string;
  readonly kind: OrganisationKind;
  readonly names: readonly Dated<string>[];
  /** ODS or GSS codes as identifiers. */
  readonly codes: readonly Dated<Identifier>[];
  /** Who took over, and on which day. */
  readonly successors: readonly { readonly organisation: string; readonly on: string }[];
}

/** The organisations of a deployment. */
export interface Directory {
  readonly organisations: readonly Organisation[];
  byId(id: string): Organisation | undefined;
  /** The organisation that a code named on a day, followed to whoever has taken over by then. */
  byCode(code: Identifier, at: string): Organisation | undefined;
  /** The name that stood at an instant: provenance is never rewritten. */
  nameAt(id: string, at: string): string | undefined;
  /** The organisation itself, or whoever has taken over from it by an instant. */
  current(id: string, at: string): Organisation | undefined;
  /** As `current`, where it is a partner at that instant: one whose names have all ended, with nobody to take over, has left. */
  standing(id: string, at: string): Organisation | undefined;
}

/** @throws Error when an organisation is named twice, or a successor is unknown or leads back to where it came from. */
export function createDirectory(organisations: readonly Organisation[]): Directory {
  const byId = new Map(organisations.map((organisation) => [organisation.id, organisation]));
  if (byId.size !== organisations.length) throw new Error('the directory names an organisation twice');
  const byCode = indexCodes(organisations);

  const current = (id: string, at: string): Organisation | undefined => {
    let organisation = byId.get(id);
    for (let steps = 0; organisation !== undefined; steps++) {
      if (steps > organisations.length) throw new Error('the successors of an organisation lead back to it');
      const successor = organisation.successors.find(({ on }) => on <= at.slice(0, 10));
      if (successor === undefined) return organisation;
      organisation = byId.get(successor.organisation);
    }
    return undefined;
  };

  for (const { id, successors } of organisations) {
    if (successors.some(({ organisation }) => !byId.has(organisation)))
      throw new Error('an organisation has an unknown successor');
    current(id, '9999-12-31');
  }

  return {
    organisations,
    byId: (id) => byId.get(id),
    byCode: ({ system, value }, at) => {
      // A code that has lapsed still names whoever held it last: letters and referrals go on quoting it for years.
      const holders = byCode.get(`${system}|${value.toUpperCase()}`) ?? [];
      const holder = holders.find((code) => stands(code, at)) ?? holders.at(-1);
      return holder && current(holder.value, at);
    },
    nameAt: (id, at) => byId.get(id)?.names.find((name) => stands(name, at))?.value ?? byId.get(id)?.names.at(-1)?.value,
    current,
    standing: (id, at) => {
      const organisation = current(id, at);
      return organisation?.names.some((name) => stands(name, at)) ? organisation : undefined;
    },
  };
}

const stands = ({ from, to }: Dated<unknown>, at: string): boolean => {
  const day = at.slice(0, 10);
  return (from === undefined || from <= day) && (to === undefined || day < to);
};

function indexCodes(organisations: readonly Organisation[]): Map<string, Dated<string>[]> {
  const index = new Map<string, Dated<string>[]>();
  for (const { id, codes } of organisations) {
    for (const { value: code, ...dates } of codes) {
      const key = `${code.system}|${code.value.toUpperCase()}`;
      index.set(key, [...(index.get(key) ?? []), { value: id, ...dates }]);
    }
  }
  return index;
}
