// What an app has to do to sign somebody in and read: SMART App Launch 2.0, standalone launch, through the unmodified fhirclient.
const { fhirUrl, clientId, logoutUrl, revokeUrl } = await (await fetch('config.json')).json();
const byId = (id) => document.getElementById(id);
const { oauth2 } = window.FHIR;

const redirectUri = `${location.origin}/`;
/** Where fhirclient notes that somebody is signed in. */
const SIGNED_IN = 'SMART_KEY';

const signIn = (scope) => () => oauth2.authorize({ iss: fhirUrl, clientId, redirectUri, scope, pkceMode: 'required' });
byId('staff').onclick = signIn('openid user/*.rs');
byId('person').onclick = signIn('openid patient/*.rs');

const came = new URL(location.href).searchParams;
if (came.has('code') || came.has('error') || sessionStorage.getItem(SIGNED_IN)) oauth2.ready().then(showSignedIn, showFailure);
else byId('signed-out').hidden = false;

function showSignedIn(client) {
  // Whoever turned back on the way is not signed in.
  if (client.getIdToken() === null) return showFailure(new Error(''));
  byId('name').textContent = client.getIdToken().name;
  byId('signed-in').hidden = false;
  byId('sign-out').onclick = () => signOut(client);
  byId('look').hidden = isPerson(client);
  byId('look').onsubmit = (event) => {
    event.preventDefault();
    look(client, personIn(byId('id').value));
  };
  byId('glass').onsubmit = (event) => {
    event.preventDefault();
    breakGlass(client, personIn(byId('id').value));
  };
  byId('somebody-else').hidden = !isPerson(client);
  byId('somebody-else').onclick = () => {
    byId('look').hidden = false;
    byId('somebody-else').hidden = true;
  };
  if (isPerson(client)) lookAtOwn(client);
}

function showFailure(error) {
  sessionStorage.clear();
  say(refusalOf(error.message));
  byId('signed-out').hidden = false;
}

/** What a trigger of Cognito's said stands among Cognito's own words. */
const refusalOf = (message) => /PreTokenGeneration failed with error (.*?)\.?$/.exec(message)?.[1] ?? message;

/** Nobody who comes after may go on as whoever was here. */
async function signOut(client) {
  const token = client.getState('tokenResponse.refresh_token');
  const body = new URLSearchParams({ token, client_id: clientId });
  await (await fetch(revokeUrl, { method: 'POST', body })).text();
  sessionStorage.clear();
  location.assign(`${logoutUrl}?${new URLSearchParams({ client_id: clientId, logout_uri: redirectUri })}`);
}

/** The ID token says which Patient a person is: its claim fhirUser. Staff are no resource of the server. */
const isPerson = ({ user }) => user.resourceType === 'Patient';

/**
 * The library reads the patient in context from the answer of the token endpoint, where Cognito says nothing. With the person
 * put there, `client.patient.read()` and `client.patient.request()` work as everywhere.
 */
const withPatient = ({ state, user }) =>
  window.FHIR.client({ ...state, tokenResponse: { ...state.tokenResponse, patient: user.id } });

/** Whoever is nowhere in the record yet is told so. */
async function lookAtOwn(client) {
  try {
    const { id } = await withPatient(client).patient.read();
    await look(client, { id });
  } catch (error) {
    say(error.status === 404 ? 'Nothing has been recorded about you.' : outcomeOf(error));
  }
}

/** An NHS number as people write it, or an id. */
function personIn(text) {
  const digits = text.replace(/[\s-]/g, '');
  return /^\d{10}$/.test(digits) ? { nhsNumber: digits } : { id: text.trim() };
}

/** The id of the person; undefined where nothing is found that may be seen. The number goes into the body of a search. */
async function idOf(client, { id, nhsNumber }) {
  if (id !== undefined) return id;
  const { entry = [] } = await client.request({
    url: 'Patient/_search',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ identifier: `https://fhir.nhs.uk/Id/nhs-number|${nhsNumber}` }).toString(),
  });
  return entry.find(({ search }) => search.mode === 'match')?.resource.id;
}

async function look(client, person) {
  say('');
  byId('record').replaceChildren();
  byId('looks').replaceChildren();
  byId('glass').hidden = true;
  byId('who-looked').hidden = true;
  try {
    const id = await idOf(client, person);
    if (id === undefined) return showNothing(client);
    const { entry = [] } = await client.request(`Patient/${encodeURIComponent(id)}/$everything`);
    byId('record').replaceChildren(...describe(entry.map(({ resource }) => resource)));
    byId('who-looked').hidden = false;
    byId('who-looked').onclick = () => showLooks(client, id);
  } catch (error) {
    if (error.status === 404) showNothing(client);
    else say(outcomeOf(error));
  }
}

const NOTHING = 'Nothing is here that you may see.';

function showNothing(client) {
  say(NOTHING);
  byId('glass').hidden = !isStaff(client);
}

const isStaff = (client) => client.getState('scope').includes('user/');

/** Opens a record on one's own word, for the hours that the server gives. The answer says by which id the person is known. */
async function breakGlass(client, { id, nhsNumber }) {
  const parameter = [
    ...(nhsNumber === undefined ? [] : [{ name: 'nhs-number', valueString: nhsNumber }]),
    { name: 'reason-code', valueCode: byId('reason-code').value },
    { name: 'reason', valueString: byId('reason').value },
  ];
  try {
    const granted = await client.request({
      url: id === undefined ? 'Patient/$break-glass' : `Patient/${encodeURIComponent(id)}/$break-glass`,
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Parameters', parameter }),
    });
    const { reference } = granted.parameter.find(({ name }) => name === 'patient').valueReference;
    await look(client, { id: reference.split('/')[1] });
  } catch (error) {
    say(outcomeOf(error));
  }
}

/** Who looked, in the words that the audit has for whoever is signed in. */
async function showLooks(client, id) {
  try {
    const { entry = [] } = await client.request(`AuditEvent?patient=${encodeURIComponent(id)}&_count=20`);
    const looks = entry.flatMap(({ resource }) => (resource.text === undefined ? [] : [lineOf(wordsOf(resource.text.div))]));
    byId('looks').replaceChildren(...(looks.length === 0 ? [lineOf(NOTHING)] : looks));
  } catch (error) {
    say(outcomeOf(error));
  }
}

const wordsOf = (narrative) => new DOMParser().parseFromString(narrative, 'text/html').body.textContent;

function lineOf(text) {
  const line = document.createElement('li');
  line.textContent = text;
  return line;
}

function describe(resources) {
  const person = resources.find(({ resourceType, id }) => resourceType === 'Patient' && !id.includes('.'));
  const title = document.createElement('h2');
  title.textContent = [person?.name?.[0]?.given?.join(' '), person?.name?.[0]?.family].filter(Boolean).join(' ') || 'The record';
  const list = document.createElement('ul');
  list.append(...resources.map((resource) => lineOf([resource.resourceType, textOf(resource)].filter(Boolean).join(': '))));
  return [title, list];
}

const textOf = ({ code, type, vaccineCode, medicationCodeableConcept, title, description }) =>
  [code, vaccineCode, medicationCodeableConcept, ...[type].flat()]
    .map((concept) => concept?.text ?? concept?.coding?.[0]?.display)
    .find(Boolean) ??
  title ??
  description;

/** What the API answered, in its own words: the library writes the outcome below a line of its own. */
function outcomeOf({ message }) {
  const issues = issuesOf(message.slice(message.indexOf('\n\n')));
  return issues.map(({ details, diagnostics }) => [details?.text, diagnostics].filter(Boolean).join(' ')).join(' ') || message;
}

function issuesOf(text) {
  try {
    return JSON.parse(text).issue ?? [];
  } catch {
    return [];
  }
}

function say(text) {
  byId('message').textContent = text;
  byId('message').hidden = text === '';
}
