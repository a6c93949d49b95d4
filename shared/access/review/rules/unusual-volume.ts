import { type DayRule, percentile } from '../day.ts';

/** Below this nobody is asked: a busy shift. */
const LEAST = 30;
/** So many times one's own usual, and more than nearly everybody in the role. */
const TIMES = 3;
const ROLE_PERCENTILE = 95;
/** With fewer days than that nothing is usual yet; then the role alone is the measure. */
const KNOWN_DAYS = 5;

export const unusualVolume: DayRule = {
  name: 'unusual-volume',
  title: 'Somebody looked at many more records in a day than they, and others in their role, usually do',
  finds: ({ persons }, { own, role }) => {
    if (persons < LEAST) return false;
    const ofRole = role.map((day) => day.persons);
    const isOverOwn =
      own.length < KNOWN_DAYS ||
      persons >=
        TIMES *
          percentile(
            own.map((day) => day.persons),
            50,
          );
    const isOverRole = ofRole.length < KNOWN_DAYS || persons > percentile(ofRole, ROLE_PERCENTILE);
    return isOverOwn && isOverRole && (own.length >= KNOWN_DAYS || ofRole.length >= KNOWN_DAYS);
  },
};
