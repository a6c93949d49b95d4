import { haveCommon, type LookRule } from '../look.ts';

/** Known only of staff whom a privacy officer has entered: a token does not say where somebody lives. */
export const sameHousehold: LookRule = {
  name: 'same-household',
  title: 'Somebody looked at the record of a person who lives where they live',
  finds: ({ person }, { viewer, person: { homes } }) =>
    viewer !== undefined && viewer.person !== person && haveCommon(viewer.particulars.homes, homes),
};
