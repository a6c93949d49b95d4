import { numberOf } from '../../../shared/fhir/json.ts';
import type { Issue } from '../../../shared/fhir/outcomes.ts';
import { isObject, type Resource } from '../body.ts';

/** A number that stands in an extension of the channel. */
interface NumberExtension {
  readonly url: string;
  /** Names of its value, the one that we write first. */
  readonly values: readonly string[];
  readonly least: number;
  readonly most: number;
  readonly says: string;
}

/** Seconds of silence after which a heartbeat is sent: Subscriptions R5 Backport. */
export const HEARTBEAT: NumberExtension = {
  url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period',
  values: ['valueUnsignedInt'],
  least: 60,
  most: 86_400,
  says: 'A heartbeat comes after 60 to 86,400 seconds of silence: send valueUnsignedInt.',
};

/** Most signals a second that the subscriber wants: ours, for FHIR has none. */
export const RATE: NumberExtension = {
  url: 'urn:chesil:signals-per-second',
  values: ['valuePositiveInt', 'valueUnsignedInt'],
  least: 1,
  most: 1_000,
  says: 'From 1 to 1,000 signals a second: send valuePositiveInt.',
};

const KNOWN = [HEARTBEAT, RATE];

const extensionsOf = (channel: Resource, { url }: NumberExtension): readonly Resource[] =>
  (Array.isArray(channel.extension) ? channel.extension : []).filter((each) => isObject(each) && each.url === url);

function read(extension: Resource, { values, least, most }: NumberExtension): number | undefined {
  const name = values.find((each) => extension[each] !== undefined);
  const value = name === undefined ? undefined : numberOf(extension[name]);
  return value !== undefined && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

/** The number of an extension, where it is there. Other extensions are passed over, as FHIR has it. */
export const numberIn = (channel: Resource, known: NumberExtension): number | undefined => {
  const [extension] = extensionsOf(channel, known);
  return extension && read(extension, known);
};

export const issuesOfExtensions = (channel: Resource): readonly Issue[] =>
  KNOWN.flatMap((known): readonly Issue[] => {
    const found = extensionsOf(channel, known);
    if (found.length === 0 || (found.length === 1 && read(found[0]!, known) !== undefined)) return [];
    const expression = `Subscription.channel.extension.where(url='${known.url}')`;
    return [{ code: 'bad-extension', expression, diagnostics: known.says }];
  });

/** Extensions as the channel of an answer has them. */
export function extensionsTold(numbers: { readonly heartbeatSeconds?: number; readonly ratePerSecond?: number }) {
  const told = (known: NumberExtension, value: number | undefined) =>
    value === undefined ? [] : [{ url: known.url, [known.values[0]!]: value }];
  const extension = [...told(HEARTBEAT, numbers.heartbeatSeconds), ...told(RATE, numbers.ratePerSecond)];
  return extension.length === 0 ? {} : { extension };
}
