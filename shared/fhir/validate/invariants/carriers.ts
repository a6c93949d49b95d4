import type { Invariant, Json } from './invariant.ts';
import { areDistinct, asObject, asText, has, hasChoice, objects } from './look.ts';

const isRequestType = ({ type }: Json): boolean => type === 'batch' || type === 'transaction' || type === 'history';
const isResponseType = ({ type }: Json): boolean =>
  type === 'batch-response' || type === 'transaction-response' || type === 'history';
const firstType = (bundle: Json): unknown => asObject(objects(bundle.entry)[0]?.resource)?.resourceType;
const metaOf = (resource: Json): Json => asObject(resource.meta) ?? {};

/** Of every resource, and of those that carry others (http://hl7.org/fhir/R4/bundle.html, parameters.html). */
export const CARRIERS: readonly Invariant[] = [
  {
    key: 'dom-4',
    on: 'DomainResource',
    at: 'contained',
    check: ({ contained }) =>
      objects(contained).every((one) => !has(metaOf(one), 'versionId') && !has(metaOf(one), 'lastUpdated')),
    text: 'dom-4: A contained resource has no meta.versionId and no meta.lastUpdated.',
  },
  {
    key: 'dom-5',
    on: 'DomainResource',
    at: 'contained',
    check: ({ contained }) => objects(contained).every((one) => !has(metaOf(one), 'security')),
    text: 'dom-5: A contained resource has no security label of its own.',
  },
  {
    key: 'bdl-1',
    on: 'Bundle',
    at: 'total',
    check: (bundle) => !has(bundle, 'total') || bundle.type === 'searchset' || bundle.type === 'history',
    text: 'bdl-1: Only a searchset or a history has a total.',
  },
  {
    key: 'bdl-2',
    on: 'Bundle',
    check: (bundle) => bundle.type === 'searchset' || !objects(bundle.entry).some((entry) => has(entry, 'search')),
    text: 'bdl-2: Only the entries of a searchset have search.',
  },
  {
    key: 'bdl-3',
    on: 'Bundle',
    check: (bundle) => objects(bundle.entry).every((entry) => has(entry, 'request') === isRequestType(bundle)),
    text: 'bdl-3: Each entry of a batch, transaction or history has a request; entries of other bundles have none.',
  },
  {
    key: 'bdl-4',
    on: 'Bundle',
    check: (bundle) => objects(bundle.entry).every((entry) => has(entry, 'response') === isResponseType(bundle)),
    text: 'bdl-4: Each entry of a batch-response, transaction-response or history has a response; entries of other bundles have none.',
  },
  {
    key: 'bdl-5',
    on: 'Bundle.entry',
    check: (entry) => has(entry, 'resource') || has(entry, 'request') || has(entry, 'response'),
    text: 'bdl-5: An entry has a resource, unless it has a request or a response.',
  },
  {
    key: 'bdl-7',
    on: 'Bundle',
    check: (bundle) =>
      bundle.type === 'history' ||
      areDistinct(
        objects(bundle.entry)
          .filter((entry) => has(entry, 'fullUrl'))
          .map(({ fullUrl, resource }) => `${asText(fullUrl)} ${asText(metaOf(asObject(resource) ?? {}).versionId)}`),
      ),
    text: 'bdl-7: A fullUrl occurs once in a bundle, or else the versions of the resources differ.',
  },
  {
    key: 'bdl-8',
    on: 'Bundle.entry',
    at: 'fullUrl',
    check: ({ fullUrl }) => typeof fullUrl !== 'string' || !fullUrl.includes('/_history/'),
    text: 'bdl-8: A fullUrl names no version.',
  },
  {
    key: 'bdl-9',
    on: 'Bundle',
    check: ({ type, identifier }) => {
      const { system, value } = asObject(identifier) ?? {};
      return type !== 'document' || (system !== undefined && value !== undefined);
    },
    text: 'bdl-9: A document has an identifier with a system and a value.',
  },
  {
    key: 'bdl-10',
    on: 'Bundle',
    check: ({ type, timestamp }) => type !== 'document' || timestamp !== undefined,
    text: 'bdl-10: A document has a timestamp.',
  },
  {
    key: 'bdl-11',
    on: 'Bundle',
    check: (bundle) => bundle.type !== 'document' || firstType(bundle) === 'Composition',
    text: 'bdl-11: A document starts with a Composition.',
  },
  {
    key: 'bdl-12',
    on: 'Bundle',
    check: (bundle) => bundle.type !== 'message' || firstType(bundle) === 'MessageHeader',
    text: 'bdl-12: A message starts with a MessageHeader.',
  },
  {
    key: 'inv-1',
    on: 'Parameters.parameter',
    check: (parameter) => {
      const given = [has(parameter, 'part'), hasChoice(parameter, 'value'), has(parameter, 'resource')];
      return given.filter(Boolean).length === 1;
    },
    text: 'inv-1: A parameter has one of value, resource and part.',
  },
];
