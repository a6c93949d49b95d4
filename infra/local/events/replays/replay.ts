import { type Input, refuseCall, type ServiceRefusal } from '../../endpoint/service.ts';
import type { Archive, ArchivedEvent } from '../archives.ts';
import { busName, type Entry } from '../entries.ts';
import { readInstant } from '../instant.ts';

/** A request to tell archived events again. */
export interface Replay {
  readonly name: string;
  readonly archiveArn: string;
  /** Name and ARN of the bus on which they are told. */
  readonly bus: string;
  readonly busArn: string;
  readonly description?: string;
  readonly from: number;
  readonly to: number;
  /** ARNs of the rules that are to hear them; all of the bus when absent. */
  readonly rules?: readonly string[];
}

/** Reads the parameters of `StartReplay` (EventBridge API reference). */
export function readReplay(input: Input, archives: readonly Archive[]): Replay | ServiceRefusal {
  const { ReplayName, EventSourceArn, EventStartTime, EventEndTime, Destination, Description } = input;
  const { Arn, FilterArns } = (Destination ?? {}) as { Arn?: string; FilterArns?: string[] };
  const archive = archives.find(({ arn }) => arn === EventSourceArn);
  if (archive === undefined) return refuseCall('ResourceNotFoundException', 'The archive does not exist.');
  const from = readInstant(EventStartTime)?.getTime();
  const to = readInstant(EventEndTime)?.getTime();
  if (!isReplayName(ReplayName)) return invalid('replayName');
  if (from === undefined || to === undefined || from >= to) return invalid('eventEndTime');
  if (Arn === undefined || busName(Arn) !== archive.bus) return invalid('destination.arn');
  return {
    ...{ name: ReplayName, archiveArn: archive.arn, bus: archive.bus, busArn: Arn, from, to },
    ...(Description === undefined ? {} : { description: String(Description) }),
    ...(FilterArns === undefined ? {} : { rules: FilterArns }),
  };
}

export const isReplayName = (name: unknown): name is string => typeof name === 'string' && /^[.\-_A-Za-z0-9]{1,64}$/.test(name);

export const invalid = (parameter: string): ServiceRefusal =>
  refuseCall('ValidationException', `1 validation error detected: Value at '${parameter}' failed to satisfy constraint`);

/** An archived event on its second way: the same, and named after its replay, so that rules and targets can tell. */
export function replayedEntry({ text }: ArchivedEvent, { name, bus }: Replay): Entry {
  const replayed = `${text.slice(0, -1)},"replay-name":${JSON.stringify(name)}}`;
  const event = JSON.parse(replayed) as Record<string, unknown>;
  return {
    bus,
    id: String(event.id),
    source: String(event.source),
    detailType: String(event['detail-type']),
    text: replayed,
    event,
  };
}
