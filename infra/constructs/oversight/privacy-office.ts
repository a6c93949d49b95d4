import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { ACCESS_EVENT_SOURCE } from '../../../shared/changes/access-events.ts';
import { type CheckedSettings, PRIVACY_SUFFIX, type PrivacyOfficeSettings } from '../../settings.ts';
import { type Hearing, Subscription, type SubscriptionProps } from '../subscription.ts';

const TASKS: Hearing = {
  source: ACCESS_EVENT_SOURCE,
  suffix: PRIVACY_SUFFIX,
  description: (organisation) => `What the privacy office of ${organisation} is to review`,
};

export interface PrivacyOfficeProps extends Omit<SubscriptionProps, 'subscriber' | 'hearing'> {
  readonly office: PrivacyOfficeSettings;
}

/** The privacy office of an organisation: told of its tasks in a queue, and by e-mail where it has an address. Neither says whom a task is about. */
export class PrivacyOffice extends Subscription {
  constructor(scope: Construct, id: string, { office, ...props }: PrivacyOfficeProps) {
    super(scope, id, { ...props, subscriber: { organisation: office.organisation }, hearing: TASKS });
    if (office.email !== undefined) this.addEmail(office.email, props);
  }

  private addEmail(address: string, { settings, encryptionKey }: Pick<PrivacyOfficeProps, 'settings' | 'encryptionKey'>) {
    const topic = new Topic(this, 'Email', {
      topicName: `chesil-${settings.deployment}-${this.name}`,
      masterKey: encryptionKey,
      enforceSSL: true,
    });
    topic.addSubscription(new EmailSubscription(address));
    const task = EventField.fromPath('$.detail.event.dataref');
    this.rule.addTarget(
      new SnsTopic(topic, { message: RuleTargetInput.fromText(`There is a task for your privacy office: ${task}`) }),
    );
  }
}

/** The privacy offices of a deployment; the organisation that leads oversight has one in any case. */
export function privacyOfficesOf({ privacyOffices, oversight }: CheckedSettings): readonly PrivacyOfficeSettings[] {
  const isThere = privacyOffices.some(({ organisation }) => organisation === oversight.lead);
  return isThere ? privacyOffices : [...privacyOffices, { organisation: oversight.lead }];
}
