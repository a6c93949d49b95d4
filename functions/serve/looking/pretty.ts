import { parseJson } from '../../../shared/fhir/json.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';

/** `_pretty=true` is for people who look: their answers, and no others, are parsed. Numbers stay as they were written. */
export function prettied(answer: HttpAnswer): HttpAnswer {
  if (answer.body === undefined) return answer;
  const parsed = parseJson(Buffer.from(answer.body));
  return isRefusal(parsed) ? answer : { ...answer, body: JSON.stringify(parsed, null, 2) };
}
