import { EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { ACCESS_EVENT_SOURCE } from '../../../shared/changes/access-events.ts';
import { type CheckedSettings, PRIVACY_SUFFIX, type PrivacyOfficeSettings } from '../../settings.ts';
import type { AnnouncementBus } from '../announcement-bus.ts';
import { SubscriberQueue } from '../signals/subscriber-queue.ts';

export interface PrivacyOfficeProps {
  readonly settings: CheckedSettings;
  readonly office: PrivacyOfficeSettings;
  readonly announcements: AnnouncementBus;
  readonly encryptionKey: IKey;
}

/** The privacy office of an organisation: told of its tasks in a queue, and by e-mail where it has an address. Neither says whom a task is about. */
export class PrivacyOffice extends Construct {
  readonly told: SubscriberQueue;
  private readonly rule: Rule;

  constructor(scope: Construct, id: string, props: PrivacyOfficeProps) {
    super(scope, id);
    const { settings, office, announcements, encryptionKey } = props;
    const name = `${office.organisation}${PRIVACY_SUFFIX}`;
    this.told = new SubscriberQueue(this, 'Told', { settings, name, encryptionKey });
    this.rule = new Rule(this, 'Rule', {
      eventBus: announcements.bus,
      description: `What the privacy office of ${office.organisation} is to review`,
      eventPattern: {
        source: Match.exactString(ACCESS_EVENT_SOURCE),
        detail: { audience: standsFor(office.organisation, settings) },
      },
      targets: [this.told.target(announcements)],
    });
    if (office.email !== undefined) this.addEmail(office.email, name, props);
  }

  private addEmail(address: string, name: string, { settings, encryptionKey }: PrivacyOfficeProps) {
    const topic = new Topic(this, 'Email', {
      topicName: `chesil-${settings.deployment}-${name}`,
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

/** The organisation and whoever took over from it: an office that is named for a predecessor follows it to the successor. */
function standsFor(organisation: string, { organisations }: Pick<CheckedSettings, 'organisations'>): string[] {
  const found = new Set([organisation]);
  for (const id of found)
    for (const { organisation: next } of organisations.find((known) => known.id === id)?.successors ?? []) found.add(next);
  return [...found];
}
