/** FHIR R4 `IssueType` codes that Chesil uses (http://hl7.org/fhir/R4/valueset-issue-type.html). */
type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'login'
  | 'expired'
  | 'forbidden'
  | 'suppressed'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'business-rule'
  | 'conflict'
  | 'too-costly'
  | 'exception'
  | 'timeout'
  | 'throttled'
  | 'informational'
  | 'incomplete'
  | 'no-store'
  | 'transient';

interface OutcomeDefinition {
  readonly status: number;
  readonly type: IssueType;
  readonly text: string;
  /** With status 429 or 503: when it is worth trying again, where that is not at once. */
  readonly retryAfterSeconds?: number;
}

const define = <Code extends string>(table: Record<Code, OutcomeDefinition>): Readonly<Record<Code, OutcomeDefinition>> => table;

/** Every stable code, its HTTP status, its FHIR issue type and what it says to the person who reads it. */
export const OUTCOMES = define({
  'not-json': { status: 400, type: 'structure', text: 'The body is not JSON. Send one FHIR R4 resource as JSON in UTF-8.' },
  'body-required': { status: 400, type: 'required', text: 'This request needs a body: one FHIR R4 resource as JSON.' },
  'bad-compression': {
    status: 400,
    type: 'structure',
    text: 'The body cannot be decompressed. Send complete gzip, or send it without Content-Encoding.',
  },
  'too-deep': { status: 400, type: 'too-costly', text: 'The body nests deeper than 64 levels.' },
  'bad-text': {
    status: 400,
    type: 'value',
    text: 'The text holds a character that is not valid Unicode (a lone surrogate) or a control character.',
  },
  'too-large': {
    status: 413,
    type: 'too-long',
    text: 'The submission is too large to be written as one contribution. Compress it with gzip, split it, or use the bulk import.',
  },
  'too-many-persons': {
    status: 413,
    type: 'too-long',
    text: 'A bundle is about at most 500 persons, a transaction about at most 100. Split it by person, or use the bulk import.',
  },
  'media-type': {
    status: 415,
    type: 'not-supported',
    text: 'This media type is not supported. Send application/fhir+json; XML is not accepted.',
  },
  'not-acceptable': { status: 406, type: 'not-supported', text: 'Only application/fhir+json can be produced.' },
  'invalid-resource': { status: 400, type: 'invalid', text: 'The resource is not valid FHIR R4.' },
  structure: { status: 400, type: 'structure', text: 'The element does not have the structure that FHIR R4 gives it.' },
  'unknown-element': {
    status: 400,
    type: 'structure',
    text: 'FHIR R4 has no such element here. Remove it, or send it as an extension.',
  },
  'required-element': { status: 400, type: 'required', text: 'This element is required.' },
  'bad-value': { status: 400, type: 'value', text: 'The value does not have the form of its FHIR type.' },
  'bad-code': { status: 400, type: 'code-invalid', text: 'The code is not in the value set that this element requires.' },
  'bad-reference': {
    status: 400,
    type: 'value',
    text: 'The reference does not point at a type that is allowed here, or cannot be read.',
  },
  invariant: { status: 400, type: 'invariant', text: 'The resource breaks a rule of FHIR R4.' },
  'bad-nhs-number': {
    status: 400,
    type: 'value',
    text: 'This is not an NHS number: ten digits, of which the last is the check digit.',
  },
  'unknown-type': { status: 404, type: 'not-supported', text: 'FHIR R4 has no such resource type, or it cannot be kept here.' },
  'audit-is-ours': {
    status: 405,
    type: 'not-supported',
    text: 'Audit events are written here alone: one for each look at a record. Keep those of your own system there; to say where a fragment comes from, send a Provenance.',
  },
  'type-mismatch': { status: 400, type: 'invalid', text: 'The resource type or id in the body is not the one in the address.' },
  'bad-id': { status: 400, type: 'value', text: 'This is not a FHIR id: 1 to 64 letters, digits, hyphens and dots.' },
  'unknown-subject': {
    status: 422,
    type: 'not-found',
    text: 'The person that this is about is not known here. Send the Patient first or in the same bundle, or refer to the person by NHS number.',
  },
  'several-subjects': { status: 422, type: 'business-rule', text: 'One fragment is about one person. This one points at two.' },
  'no-subject': { status: 422, type: 'required', text: 'This resource must say which person it is about.' },
  'foreign-reference': {
    status: 422,
    type: 'business-rule',
    text: 'The reference points at nothing that this record holds. Refer to a fragment of the same person or of your own directory.',
  },
  'unresolved-reference': {
    status: 422,
    type: 'not-found',
    text: 'The reference cannot be resolved. Send what it points at first or in the same bundle.',
  },
  'several-matches': {
    status: 412,
    type: 'multiple-matches',
    text: 'The condition matches more than one fragment. Make it more specific.',
  },
  'not-owner': {
    status: 403,
    type: 'forbidden',
    text: 'Only the organisation that contributed a fragment can change it. Contribute your own instead.',
  },
  'same-version-other-body': {
    status: 409,
    type: 'conflict',
    text: 'The source sent another content under a version that it sent before. Give the new content a new version.',
  },
  'duplicate-entry': { status: 400, type: 'duplicate', text: 'Two entries of this transaction are about the same fragment.' },
  'version-conflict': {
    status: 412,
    type: 'conflict',
    text: 'It has changed since the version named in If-Match. Read it again, and send your change on top of it.',
  },
  'already-exists': {
    status: 412,
    type: 'duplicate',
    text: 'A fragment is here already, and If-None-Match: * asks for none. Update it, with If-Match.',
  },
  written: { status: 200, type: 'informational', text: 'Done.' },
  'nothing-changed': { status: 200, type: 'informational', text: 'This is what was here already. Nothing was written.' },
  'time-ahead': {
    status: 200,
    type: 'informational',
    text: 'The time or version that the source gave lies ahead of now. It is ordered as if it had been sent now. Check the clock of the source.',
  },
  'time-far-ahead': {
    status: 422,
    type: 'business-rule',
    text: 'The time or version that the source gave lies more than a day ahead: every later correction would count as late. Send the time of the last change.',
  },
  'two-persons': {
    status: 200,
    type: 'informational',
    text: 'What this Patient is called by leads to two persons. Nothing was joined: it is kept under its strongest name, and your records office is asked.',
  },
  'link-without-effect': {
    status: 200,
    type: 'informational',
    text: 'The link is kept and has no effect: a source links its own patients only, and never two NHS numbers. Where it means a patient of another organisation, that one is asked.',
  },
  'number-corrected': {
    status: 200,
    type: 'informational',
    text: 'The NHS number that this Patient had before belongs to somebody else. What you sent under it is listed: send each again for the right person, or retract it, within 24 hours.',
  },
  'identifier-stands-elsewhere': {
    status: 200,
    type: 'informational',
    text: 'This was created beside what has the same identifier under another code. To correct that one instead, update or retract it by its address, which is given here.',
  },
  'unstable-ids': {
    status: 200,
    type: 'informational',
    text: 'The same identifier and content came under another id before. If ids of this source change from one extract to the next, have its settings say so (stableIds: false).',
  },
  'condition-names-another': {
    status: 412,
    type: 'conflict',
    text: 'The condition finds a fragment that your source calls by another id than this resource has. Update it by its own id or address.',
  },
  'late-arrival': {
    status: 200,
    type: 'business-rule',
    text: 'A newer version from the same source was here already. This one is kept in the history and is not the current one.',
  },
  'bad-precondition': { status: 400, type: 'value', text: 'If-Match takes one ETag as it was answered, such as W/"3".' },
  contended: {
    status: 409,
    type: 'transient',
    text: 'Too many others are writing to this record at once. Send the same request again.',
  },
  'idempotency-reused': {
    status: 422,
    type: 'business-rule',
    text: 'This Idempotency-Key came before with another request. Use a new key for a new request.',
  },
  'bad-idempotency-key': { status: 400, type: 'value', text: 'Idempotency-Key takes 1 to 255 visible characters.' },
  'bad-patch': { status: 400, type: 'invalid', text: 'The body is not a JSON Patch (RFC 6902).' },
  'patch-failed': { status: 422, type: 'processing', text: 'The patch does not apply to the current version of the fragment.' },
  'immutable-element': {
    status: 422,
    type: 'business-rule',
    text: 'This element cannot be changed: a fragment keeps its id, type and subject.',
  },
  'bad-bundle': {
    status: 400,
    type: 'invalid',
    text: 'The bundle cannot be processed. Send a transaction or a batch, each entry with request.method and request.url.',
  },
  'not-offered': {
    status: 404,
    type: 'not-supported',
    text: 'There is no interaction or operation at this address with this method. See /metadata for what there is.',
  },
  'not-allowed': {
    status: 405,
    type: 'not-supported',
    text: 'This interaction is not supported here. See /metadata for what is.',
  },
  unauthorised: { status: 401, type: 'login', text: 'Send a valid access token: Authorization: Bearer <token>.' },
  'missing-scope': { status: 403, type: 'forbidden', text: 'The scopes of the token do not allow this interaction.' },
  'choose-role': {
    status: 400,
    type: 'required',
    text: 'Say in which of your roles you act: send its id, as the claim roles of the token gives it, once in NHSD-Session-URID.',
  },
  'bad-purpose': {
    status: 400,
    type: 'value',
    text: 'In this role nobody looks for this purpose. Send one that the role has, once in Chesil-Purpose, or leave it out. docs/governance/roles.md lists them.',
  },
  'users-only-read': {
    status: 403,
    type: 'forbidden',
    text: 'Whoever signs in reads. What is added to records comes from the systems of partners.',
  },
  'not-found': { status: 404, type: 'not-found', text: 'Nothing is here that you may see.' },
  gone: { status: 410, type: 'deleted', text: 'The fragment was retracted. Its history remains.' },
  'bad-parameters': {
    status: 400,
    type: 'structure',
    text: 'The body must be a FHIR Parameters resource with the parameters of this operation, each once and with a value of its type.',
  },
  'name-one-person': {
    status: 400,
    type: 'required',
    text: 'Name one person: nhs-number as valueString, or patient as valueIdentifier with the system https://fhir.nhs.uk/Id/nhs-number.',
  },
  'unknown-reason': {
    status: 400,
    type: 'code-invalid',
    text: 'This is not a reason for which a record can be opened. docs/governance/reviews.md lists them.',
  },
  'bad-reason': {
    status: 400,
    type: 'value',
    text: 'Say in your own words why, in 10 to 1,000 characters: words, not blanks or dots.',
  },
  'bad-hours': {
    status: 400,
    type: 'value',
    text: 'For how long must be more than no hours, and no more than this operation allows: 12 to break the glass, 168 to claim a relationship.',
  },
  'may-not': { status: 403, type: 'forbidden', text: 'The role in which you act may not do this.' },
  'grant-stands': {
    status: 409,
    type: 'duplicate',
    text: 'You have opened this record already, and it is still open to you until the instant given. Nothing was extended. Give your reason anew when it has ended.',
  },
  'unknown-outcome': {
    status: 400,
    type: 'code-invalid',
    text: 'A task of this kind has no such outcome. Send one of those that it has.',
  },
  'bad-days': { status: 400, type: 'value', text: 'For how many days must be a whole number from 1 to 365.' },
  'bad-staff': {
    status: 400,
    type: 'value',
    text: 'A member of staff is named by their provider and its id of them, as the audit names them: <provider>|<id>.',
  },
  'own-task': { status: 403, type: 'forbidden', text: 'This is about what you did yourself. Somebody else has to review it.' },
  'search-unbounded': {
    status: 400,
    type: 'too-costly',
    text: 'A search needs a person: add patient=<id>, or patient.identifier=https://fhir.nhs.uk/Id/nhs-number|<number> (POST _search keeps the number out of addresses).',
  },
  'unknown-parameter': {
    status: 400,
    type: 'not-supported',
    text: 'This search parameter is not supported for this type. See /metadata.',
  },
  'ignored-parameter': {
    status: 200,
    type: 'not-supported',
    text: 'This search parameter is not supported for this type and was ignored.',
  },
  'included-cut': {
    status: 200,
    type: 'incomplete',
    text: 'Not everything that was to be included fits into one answer. Search for it by its own type.',
  },
  'withheld-by-role': {
    status: 200,
    type: 'suppressed',
    text: 'Some information may be withheld: people in your role are not shown every part of a record.',
  },
  'source-stale': {
    status: 200,
    type: 'incomplete',
    text: 'A source of this record has been silent for longer than agreed: what has happened there since may be missing here. Where it matters, ask them.',
  },
  'audit-unbounded': {
    status: 400,
    type: 'too-costly',
    text: 'Say whose looks are asked for: patient=<id>, agent=<provider>|<staff id> or agent=<organisation>.',
  },
  'replay-differs': {
    status: 409,
    type: 'processing',
    text: 'This is the answer made again from the same record and the same decisions, and its bytes are not those that were shown: another release lays it out in another way, or something is left out that the law lets nobody be shown again. What it tells was told then; its form is not proved.',
  },
  'replay-without-whereabouts': {
    status: 409,
    type: 'suppressed',
    text: 'By now nobody is to learn where this person is: whatever could tell it has been left out. What else is told is what was told then; the bytes are not those that were shown.',
  },
  'not-replayable': {
    status: 409,
    type: 'not-supported',
    text: 'This look cannot be shown again: its entry does not hold what was asked.',
  },
  'bad-criteria': {
    status: 422,
    type: 'value',
    text: "These criteria cannot be read. Write field='value', joined by AND and OR, with brackets: docs/subscribe.md lists the fields.",
  },
  'criteria-too-long': {
    status: 422,
    type: 'too-long',
    text: 'These criteria are too long. Make several subscriptions of them.',
  },
  'criteria-too-complex': {
    status: 422,
    type: 'too-costly',
    text: 'These criteria have more alternatives than one rule can hold. Make several subscriptions of them.',
  },
  'bad-channel': {
    status: 422,
    type: 'not-supported',
    text: 'Signals go through a channel of type message (to a queue or event bus, by its ARN) or rest-hook (to an HTTPS address), as application/json or application/fhir+json.',
  },
  'bad-endpoint': { status: 422, type: 'value', text: 'Signals cannot be sent to this endpoint.' },
  'endpoint-not-agreed': {
    status: 422,
    type: 'business-rule',
    text: 'That signals of your organisation may go to this endpoint has not been agreed. Ask us to add its host, queue or event bus to your settings.',
  },
  'endpoint-taken': {
    status: 409,
    type: 'duplicate',
    text: 'A subscription has this endpoint already: each needs one of its own. Change that one, or use another endpoint.',
  },
  'no-headers': {
    status: 422,
    type: 'not-supported',
    text: 'No headers are added: what is in them would be a secret that everybody who reads the subscription sees. Signals are signed instead: $secret gives the key.',
  },
  'bad-end': { status: 422, type: 'value', text: 'The end of a subscription must be still to come.' },
  'bad-subscription-status': {
    status: 422,
    type: 'business-rule',
    text: 'Send status requested to have the subscription on, or off to have it off. Active and error are for us to say.',
  },
  'unknown-extension': {
    status: 422,
    type: 'not-supported',
    text: 'This extension changes what the resource means, and is not known here. Leave it out.',
  },
  'bad-extension': { status: 422, type: 'value', text: 'The value of this extension is not one that it can have.' },
  'only-systems': {
    status: 403,
    type: 'forbidden',
    text: 'Subscriptions are made, read and changed by the systems of organisations, with client credentials.',
  },
  'subscriptions-full': {
    status: 503,
    type: 'throttled',
    retryAfterSeconds: 3_600,
    text: 'No further subscription can be made now: the event bus takes no more rules. Nothing was kept. Tell us; until then, widen a subscription that you have.',
  },
  'too-many-subscriptions': {
    status: 422,
    type: 'too-costly',
    text: 'Your organisation has as many subscriptions as one may have, those that are off included. Delete one, or widen one by OR.',
  },
  'unknown-panel': {
    status: 422,
    type: 'not-found',
    text: 'The Group that the criteria name is none of yours. Create it first, then name it by its id.',
  },
  'panel-in-use': {
    status: 409,
    type: 'conflict',
    text: 'A subscription of yours is about this Group. Change or delete the subscription first.',
  },
  'bad-panel': {
    status: 422,
    type: 'business-rule',
    text: 'A panel is a Group of actual persons: type person, actual true, each member a Patient by its id here or by NHS number.',
  },
  'panel-too-large': {
    status: 413,
    type: 'too-long',
    text: 'A panel has at most 5,000 members. Make several, with a subscription each.',
  },
  'not-active': {
    status: 409,
    type: 'conflict',
    text: 'The subscription is not active, so nothing can be sent. See its status and error.',
  },
  'replay-runs': {
    status: 409,
    type: 'conflict',
    text: 'A period is being replayed to this subscription already. Wait until it has ended: GET $replay tells.',
  },
  'replay-beyond': {
    status: 422,
    type: 'value',
    text: 'A replay needs a start before its end, neither still to come, and a start within the days that events are archived.',
  },
  'no-secret': {
    status: 409,
    type: 'not-supported',
    text: 'This subscription has no signing key: only what is posted to an address is signed.',
  },
  'bad-parameter': { status: 400, type: 'value', text: 'The value of this parameter cannot be read.' },
  'repeated-parameter': {
    status: 400,
    type: 'value',
    text: 'This parameter came with different values. Send it once.',
  },
  'too-costly': {
    status: 422,
    type: 'too-costly',
    text: 'This search asks for more work than one request may take. Narrow what is named here, or leave it out, and ask again.',
  },
  'number-not-taken': {
    status: 400,
    type: 'value',
    text: '`_at` takes an instant, such as 2026-03-01T02:10:00Z. A number is taken only from the organisation that sent that contribution.',
  },
  'bad-cursor': {
    status: 400,
    type: 'value',
    text: 'This page address is not one that was given out, or was given to somebody else. Search again.',
  },
  filtered: {
    status: 403,
    type: 'forbidden',
    text: 'The firewall refused the request: too many in five minutes, or something in its address or headers looks like an attack. Wait five minutes; if it stays, tell us the X-Request-ID.',
  },
  throttled: { status: 429, type: 'throttled', text: 'Too many requests. Wait, then try again.' },
  failed: {
    status: 500,
    type: 'exception',
    text: 'Something failed on our side. What was sent may have been recorded or not: send the same again. If it stays, tell us the X-Request-ID.',
  },
  unavailable: {
    status: 503,
    type: 'transient',
    text: 'A part of the service did not answer in time. What was sent may have been recorded or not: send the same again.',
  },
  'store-unavailable': {
    status: 503,
    type: 'no-store',
    text: 'The store takes nothing just now: it is full, or cannot be reached. What was sent may have been recorded or not: send the same again after the seconds in Retry-After.',
    retryAfterSeconds: 30,
  },
  'audit-unavailable': {
    status: 503,
    type: 'no-store',
    text: 'Nothing is shown or granted until the access is written to the audit, and the audit takes nothing just now: it is full, or cannot be reached. Try again after the seconds in Retry-After.',
    retryAfterSeconds: 30,
  },
});
