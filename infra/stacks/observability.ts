import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CheckedSettings } from '../settings.ts';
import type { ApiStack } from './api.ts';
import type { DataStack } from './data.ts';
import type { EventsStack } from './events.ts';
import type { IdentityStack } from './identity.ts';

export interface ObservabilityProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
  readonly identity: IdentityStack;
  readonly api: ApiStack;
  readonly events: EventsStack;
}

/** Whether it works, and who is told when it does not. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id, props);
  }
}
