import type { DayRule } from '../day.ts';

/** From eleven at night to five in the morning. */
const NIGHT: ReadonlySet<number> = new Set([23, 0, 1, 2, 3, 4]);
/** With fewer days than that it is not known when somebody works. */
const KNOWN_DAYS = 10;

/** Night shifts are usual for many: asked about is who looks at night and has not done so on any day that is known, nor has anybody in the role. */
export const unusualHour: DayRule = {
  name: 'unusual-hour',
  title: 'Somebody looked at records in the night, which neither they nor others in their role usually do',
  finds: ({ hours }, { own, role }) => {
    const isAtNight = (hour: number) => NIGHT.has(hour);
    const usual = [...own, ...role].some((day) => day.hours.some(isAtNight));
    return own.length >= KNOWN_DAYS && hours.some(isAtNight) && !usual;
  },
};
