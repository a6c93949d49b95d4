type SearchParam = fhir4.CapabilityStatementRestResourceSearchParam;

/**
 * Parameters of every search (http://hl7.org/fhir/R4/search.html#all and #return), beside those that each type lists.
 * A test holds this list against what searches understand.
 */
export const COMMON_PARAMETERS: SearchParam[] = [
  { name: '_id', type: 'token' },
  { name: '_lastUpdated', type: 'date' },
  { name: '_tag', type: 'token' },
  { name: '_profile', type: 'uri' },
  { name: '_security', type: 'token' },
  { name: '_source', type: 'uri' },
  {
    name: '_has',
    type: 'string',
    documentation: 'Reverse chaining, such as _has:Observation:patient:code=8867-4. Forward chains: subject:Patient.name.',
  },
  { name: '_count', type: 'number', documentation: 'Matches on a page: 100 unless said otherwise, at most 1,000.' },
  { name: '_sort', type: 'string', documentation: 'Parameters of the type, each with - for the greatest first.' },
  { name: '_summary', type: 'token', documentation: 'true, text, data, count or false. Of a read too.' },
  { name: '_elements', type: 'string', documentation: 'Names of elements. Of a read too.' },
  { name: '_total', type: 'token', documentation: 'none, estimate or accurate: what is counted is always accurate.' },
  { name: '_include', type: 'string', documentation: 'With :iterate as well.' },
  { name: '_revinclude', type: 'string', documentation: 'With :iterate as well.' },
  { name: '_contained', type: 'token', documentation: 'Only false: contained resources come inside those that contain them.' },
  { name: '_format', type: 'token', documentation: 'json: goes before Accept.' },
  { name: '_pretty', type: 'token', documentation: 'true: laid out for reading.' },
];
