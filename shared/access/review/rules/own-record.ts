import { haveCommon, type LookRule } from '../look.ts';

/** Staff read their own record as everybody does, signed in as themselves, and not by way of their work. Known by what a privacy officer entered, else by the whole name. */
export const ownRecord: LookRule = {
  name: 'own-record',
  title: 'Somebody looked at what may be their own record',
  finds: ({ person, name = '' }, { viewer, person: { names } }) =>
    viewer === undefined ? haveCommon([name], names) : viewer.person === person,
};
