import { numbered, type Partners, type Resource } from '../partners.ts';
import { byNhs, nhsNumber, result, unique } from '../resources.ts';

export const LAB = 'https://uhd.example/lab';
const LOINC = 'http://loinc.org';
const quantity = (value: number) => ({ valueQuantity: { value, unit: 'mmol/l' } });
export const coding = (code: string, display?: string) => ({
  system: LOINC,
  code,
  ...(display === undefined ? {} : { display }),
});
export const POTASSIUM = { coding: [coding('2823-3')] };
export const SODIUM = { coding: [coding('2951-2')] };

/** Two results of one report, told apart by their codes. */
export function report() {
  const [number, value] = [nhsNumber(), unique('L')];
  const of = (code: object, amount: number, more: object = {}): Resource & { id?: string } => ({
    ...result('', byNhs(number), { identifier: [{ system: LAB, value }], ...quantity(amount), ...more }),
    code,
  });
  return { number, value, of, potassium: of(POTASSIUM, 6.9), sodium: of(SODIUM, 128) };
}

/** Every version that a person's record ever had, as amounts by fragment. */
export async function amountsOf(partners: Partners, number: string): Promise<number[][]> {
  const { fragments } = await partners.ingest.store.fold(numbered(number));
  const histories = [...fragments.values()].map(async ({ subject, fragmentId }) =>
    (await partners.ingest.store.versions(subject, fragmentId))
      .flatMap(({ body }) => (body === undefined ? [] : [JSON.parse(body).valueQuantity.value as number]))
      .reverse(),
  );
  return (await Promise.all(histories)).sort(([a = 0], [b = 0]) => b - a);
}
