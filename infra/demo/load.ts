import type { Push } from './feed.ts';
import { type DemoPerson, population } from './population.ts';
import type { Practice } from './stories/story.ts';
import { createTokens, type TokenOptions, type Tokens } from './tokens.ts';

export interface LoadOptions extends TokenOptions {
  readonly fhirUrl: string;
  readonly practices: readonly Practice[];
  /** How many people. */
  readonly people: number;
  /** Called after each person. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A person as they are known after loading. */
export interface LoadedPerson {
  readonly nhsNumber: string;
  readonly id: string;
  readonly story: string;
}

/** Persons told at the same time; what is told of one person goes in order. */
const AT_ONCE = 4;

/**
 * Loads the demo population as partners would: through the public API, each organisation with its own token.
 * Loading again changes nothing: every fragment has its source's identifier.
 * @throws Error naming the organisation and the HTTP status of a push that was refused
 */
export async function loadDemo(options: LoadOptions): Promise<readonly LoadedPerson[]> {
  const tokens = createTokens(options);
  const people = [...population(options.people, options.practices)];
  const loaded: LoadedPerson[] = new Array(people.length);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < people.length) {
      options.signal?.throwIfAborted();
      const index = next++;
      loaded[index] = await loadPerson(people[index]!, options, tokens);
      options.onProgress?.(++done, people.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return loaded;
}

async function loadPerson({ nhsNumber, story, pushes }: DemoPerson, options: LoadOptions, tokens: Tokens): Promise<LoadedPerson> {
  for (const push of pushes) await send(push, options, tokens);
  return { nhsNumber, id: await findPerson(nhsNumber, pushes[0]!.organisation, options, tokens), story };
}

async function send({ organisation, bundle }: Push, { fhirUrl, signal }: LoadOptions, tokens: Tokens): Promise<void> {
  const response = await fetch(fhirUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${await tokens.of(organisation)}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(bundle),
    signal,
  });
  if (!response.ok) {
    throw new Error(`loading the demo: ${organisation} was refused with ${response.status}`, { cause: await response.json() });
  }
  await response.body?.cancel();
}

/** The id under which a person is shown, by NHS number; asked for in a body, so that no address holds the number. */
async function findPerson(nhsNumber: string, organisation: string, options: LoadOptions, tokens: Tokens): Promise<string> {
  const response = await fetch(`${options.fhirUrl}/Patient/_search`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokens.of(organisation)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ identifier: `https://fhir.nhs.uk/Id/nhs-number|${nhsNumber}` }),
    signal: options.signal,
  });
  const { entry } = (await response.json()) as fhir4.Bundle;
  const id = entry?.[0]?.resource?.id;
  if (id === undefined) throw new Error(`loading the demo: ${organisation} does not find whom it told of (${response.status})`);
  return id;
}
