import { compared, haveCommon, type LookRule } from '../look.ts';

/** Relatives often bear one name, and strangers do too: the commonest finding, and the one to be told apart by feedback. The viewer's is what their provider calls them, from its last word or last two (`de Silva`). */
export const sameSurname: LookRule = {
  name: 'same-surname',
  title: 'Somebody looked at the record of a person who bears their surname',
  finds: ({ name = '' }, { person: { families, names } }) => {
    const words = compared(name).split(' ');
    const isNamesake = haveCommon([name], names);
    return words.length > 1 && !isNamesake && haveCommon([words.at(-1)!, words.slice(-2).join(' ')], families);
  },
};
