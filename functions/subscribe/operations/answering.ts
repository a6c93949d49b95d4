import type { HttpAnswer } from '../../../shared/lambda/http.ts';

/** A part of FHIR `Parameters`. */
export interface Parameter {
  readonly name: string;
  readonly part?: readonly Parameter[];
  readonly [value: `value${string}`]: unknown;
}

/** Parameters without those that have nothing to say. */
export const parametersAnswer = (parameter: readonly (Parameter | undefined)[], status = 200): HttpAnswer => {
  const told = parameter.filter((each) => each !== undefined);
  return {
    status,
    body: JSON.stringify({ resourceType: 'Parameters', ...(told.length === 0 ? {} : { parameter: told }) }),
  };
};

export const instantOf = (ms: number): string => new Date(ms).toISOString();
