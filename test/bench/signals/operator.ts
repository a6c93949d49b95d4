import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventBusName } from '../../../infra/settings.ts';

/** What whoever runs the machine may do with a running system's services. */
export interface Operator {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly busName: string;
}

export function operatorOf(dataDir: string): Operator {
  const runtime = JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8'));
  return {
    endpoint: runtime.servicesEndpoint,
    region: runtime.region,
    credentials: runtime.credentials,
    busName: eventBusName({ deployment: 'demo' }),
  };
}
