import { type ChangeEvent, eventId } from '../../changes/envelope.ts';
import type { OwnEvent } from './cloud-event.ts';

/** Subscriptions R5 Backport, "R4 Subscription Status". */
const PROFILE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4';

/**
 * A signal as the Multicast Notification Service sends it: a history Bundle with the status of the subscription. Its schema wants the number of
 * the event to be 1; the number that we count stands in a header, or an attribute of the message.
 * @param address of the subscription
 */
export function signalBundle(event: ChangeEvent, address: string): fhir4.Bundle {
  return bundle(event.id, event.time, address, [
    ...status(address, 'active', 'event-notification'),
    {
      name: 'notification-event',
      part: [
        { name: 'event-number', valueString: '1' },
        { name: 'timestamp', valueInstant: event.time },
        { name: 'focus', valueReference: { reference: event.dataref } },
      ],
    },
    { name: 'additional-context', part: contextOf(event) },
  ]);
}

function contextOf({ type, source, subject, dataref }: ChangeEvent): fhir4.ParametersParameter[] {
  const version = /\/_history\/([^/]+)$/.exec(dataref)?.[1];
  return [
    { name: 'event-type', valueString: type },
    { name: 'source', valueUri: source },
    { name: 'subject', valueReference: { identifier: { value: subject } } },
    ...(version === undefined ? [] : [{ name: 'version-id', valueString: version }]),
  ];
}

/** A handshake or a heartbeat, as the backport has them: a status, with how many events there have been. */
export const ownBundle = ({ kind, id, time, lastNumber }: OwnEvent, address: string): fhir4.Bundle =>
  bundle(id, time, address, [
    ...status(address, kind === 'handshake' ? 'requested' : 'active', kind),
    { name: 'events-since-subscription-start', valueString: String(lastNumber) },
  ]);

const status = (address: string, valueCode: string, type: string): fhir4.ParametersParameter[] => [
  { name: 'subscription', valueReference: { reference: address } },
  { name: 'status', valueCode },
  { name: 'type', valueCode: type },
];

function bundle(id: string, timestamp: string, address: string, parameter: fhir4.ParametersParameter[]): fhir4.Bundle {
  const name = eventId([id, address]);
  const resource: fhir4.Parameters = { resourceType: 'Parameters', meta: { profile: [PROFILE] }, id: name, parameter };
  return {
    resourceType: 'Bundle',
    id,
    type: 'history',
    timestamp,
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
