import { type ChangeEvent, eventId } from '../../changes/envelope.ts';
import { type OwnEvent, ownType } from './cloud-event.ts';

/** Subscriptions R5 Backport, "R4 Subscription Status". */
const PROFILE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4';

/** What the Bundle of a signal says, whether it tells of a change or of the subscription itself. */
interface SignalContent {
  /** Id of the event. */
  readonly id: string;
  /** Its type and version: `uk.chesil.admitted.1`. */
  readonly type: string;
  /** `urn:chesil:<deployment>`. */
  readonly source: string;
  /** ISO 8601 instant. */
  readonly time: string;
  /** Address of what there is to fetch. */
  readonly focus: string;
  readonly subject?: string;
  /** Version of what there is to fetch. */
  readonly version?: string;
}

/**
 * A signal as the Multicast Notification Service sends it: a history Bundle with the status of the subscription. The
 * schema of that service wants the number of the event to be 1; the number that we count is in a header, or in an
 * attribute of the message.
 * @param address of the subscription
 */
export function signalBundle({ id, type, source, time, dataref, subject }: ChangeEvent, address: string): fhir4.Bundle {
  const version = /\/_history\/([^/]+)$/.exec(dataref)?.[1];
  return bundle({ id, type, source, time, focus: dataref, subject, version }, address);
}

/**
 * A handshake or a heartbeat. The schema knows no other status than `active` and no other type than
 * `event-notification`, so a subscriber that validates what it receives would refuse those of the backport. The event
 * type says what it is, and its focus is the subscription.
 * @param source `urn:chesil:<deployment>`
 * @param address of the subscription
 */
export const ownBundle = ({ kind, id, time }: OwnEvent, source: string, address: string): fhir4.Bundle =>
  bundle({ id, type: ownType(kind), source, time, focus: address }, address);

function bundle(content: SignalContent, address: string): fhir4.Bundle {
  const name = eventId([content.id, address]);
  const resource: fhir4.Parameters = {
    resourceType: 'Parameters',
    meta: { profile: [PROFILE] },
    id: name,
    parameter: statusOf(content, address),
  };
  return {
    resourceType: 'Bundle',
    id: content.id,
    type: 'history',
    timestamp: content.time,
    entry: [
      {
        fullUrl: `urn:uuid:${name}`,
        resource,
        request: { method: 'GET', url: `${address}/$status` },
        response: { status: '200' },
      },
    ],
  };
}

/** In the order that the schema fixes. */
const statusOf = (content: SignalContent, address: string): fhir4.ParametersParameter[] => [
  { name: 'subscription', valueReference: { reference: address } },
  { name: 'status', valueCode: 'active' },
  { name: 'type', valueCode: 'event-notification' },
  {
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: '1' },
      { name: 'timestamp', valueInstant: content.time },
      { name: 'focus', valueReference: { reference: content.focus } },
    ],
  },
  { name: 'additional-context', part: contextOf(content) },
];

const contextOf = ({ type, source, subject, version }: SignalContent): fhir4.ParametersParameter[] => [
  { name: 'event-type', valueString: type },
  { name: 'source', valueUri: source },
  ...(subject === undefined ? [] : [{ name: 'subject', valueReference: { identifier: { value: subject } } }]),
  ...(version === undefined ? [] : [{ name: 'version-id', valueString: version }]),
];
