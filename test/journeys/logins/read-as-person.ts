/** What is used of `fhirclient`, whose own types bring a second `fetch` with them. */
interface SmartClient {
  readonly state: { readonly tokenResponse: object };
  readonly user: { readonly id: string; readonly fhirUser: string; read(): Promise<fhir4.Patient> };
  readonly patient: { read(): Promise<fhir4.Patient>; request(url: string): Promise<fhir4.Bundle> };
  request(url: string): Promise<fhir4.Bundle>;
}

interface SmartLibrary {
  readonly oauth2: { ready(): Promise<SmartClient> };
  client(state: object): SmartClient;
}

/** Runs in the page of an app where a person is signed in, with `fhirclient` as it is published and nothing of ours. */
export async function readAsPerson() {
  const { FHIR } = globalThis as unknown as { readonly FHIR: SmartLibrary };
  const client = await FHIR.oauth2.ready();
  const { state, user } = client;
  const inContext = FHIR.client({ ...state, tokenResponse: { ...state.tokenResponse, patient: user.id } });
  const textsOf = ({ entry = [] }: fhir4.Bundle) =>
    entry.flatMap(({ resource }) => (resource?.resourceType === 'Condition' ? (resource as fhir4.Condition).code?.text : []));
  return {
    fhirUser: user.fhirUser,
    user: await user.read(),
    patient: await inContext.patient.read(),
    total: (await client.request('Patient')).total,
    mine: textsOf(await client.request('Condition')),
    conditions: textsOf(await inContext.patient.request('Condition')),
  };
}
