import type { Access, Told } from '../access/access.ts';
import { sideBySide } from '../bus/side-by-side.ts';
import { changeNameOf, closesRecord } from '../changes/closing.ts';
import { isAboutPerson } from '../changes/organisation-events.ts';
import type { PersonRecord } from '../record/fold.ts';
import type { RecordStore } from '../store/record.ts';
import { createReadRecent } from './recent-records.ts';
import type { Signal } from './signal.ts';

/** Decides again, by what a record is now, what may still be told: between a change and its delivery a person may have opted out, moved or been restricted. */
export interface Hearing {
  /**
   * Whether an organisation may hear each of some signals now, in their order. Each person's record is read once, unless it was half a second ago.
   * @param organisation its internal id; mergers are followed
   * @throws whatever a read throws: what nobody could decide is not told, and is to be asked again
   */
  mayHear(organisation: string, signals: readonly Signal[]): Promise<readonly boolean[]>;
}

export interface HearingDependencies {
  readonly records: Pick<RecordStore, 'person'>;
  readonly access: Pick<Access, 'hears'>;
  readonly now: () => Date;
}

const READS_AT_ONCE = 16;

export function createHearing({ records, access, now }: HearingDependencies): Hearing {
  const read = createReadRecent(records, () => now().getTime());
  const recordsOf = async (signals: readonly Signal[]): Promise<ReadonlyMap<string, PersonRecord>> => {
    const latest = new Map<string, string>();
    for (const { event } of signals.filter(({ event }) => isAboutPerson(event)))
      if (event.time >= (latest.get(event.subject) ?? '')) latest.set(event.subject, event.time);
    const persons = await sideBySide(
      [...latest],
      READS_AT_ONCE,
      async ([person, time]) => [person, await read(person, time)] as const,
    );
    return new Map(persons);
  };
  return {
    mayHear: async (organisation, signals) => {
      const known = await recordsOf(signals);
      const at = now().toISOString();
      return signals.map((signal) => {
        if (!isAboutPerson(signal.event)) return true;
        const record = known.get(signal.event.subject)!;
        const told = toldBy(signal, record);
        return told !== undefined && access.hears(organisation, record, told, at);
      });
    },
  };
}

/** What a signal would tell; nothing where it is of a fragment that the record does not hold. */
function toldBy({ event, formerly, fragmentId, replay }: Signal, { folds }: PersonRecord): Told | undefined {
  const told = {
    formerly,
    again: replay !== undefined,
    closes: closesRecord(changeNameOf(event)),
    ...(event.contributor === undefined ? {} : { contributor: event.contributor }),
  };
  if (fragmentId === undefined) return told;
  const fragment = folds.find(({ subject }) => subject === event.subject)?.fragments.get(fragmentId);
  return fragment && { ...told, fragment };
}
