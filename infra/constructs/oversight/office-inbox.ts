import { EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { OFFICES, type Office } from '../../../shared/access/review/task-kinds.ts';
import { ACCESS_EVENT_SOURCE } from '../../../shared/changes/access-events.ts';
import { type CheckedSettings, type OfficeSettings, officeName } from '../../settings.ts';
import type { AnnouncementBus } from '../announcement-bus.ts';
import { SubscriberQueue } from '../signals/subscriber-queue.ts';

export interface OfficeInboxProps {
  readonly settings: CheckedSettings;
  readonly office: Office;
  /** Of which organisation, and its address. */
  readonly inbox: OfficeSettings;
  readonly announcements: AnnouncementBus;
  readonly encryptionKey: IKey;
}

/**
 * Where an office of an organisation is told of its tasks: a queue, and e-mail where it has an address. Neither says whom a task is about.
 */
export class OfficeInbox extends Construct {
  readonly queue: SubscriberQueue;
  private readonly rule: Rule;

  constructor(scope: Construct, id: string, props: OfficeInboxProps) {
    super(scope, id);
    const { settings, office, inbox, announcements, encryptionKey } = props;
    const name = officeName(inbox.organisation, office);
    this.queue = new SubscriberQueue(this, 'Told', { settings, name, encryptionKey });
    this.rule = new Rule(this, 'Rule', {
      eventBus: announcements.bus,
      description: `Tasks of the ${OFFICES[office].title} of ${inbox.organisation}`,
      eventPattern: {
        source: Match.exactString(ACCESS_EVENT_SOURCE),
        detail: { office: Match.exactString(office), audience: standsFor(inbox.organisation, settings) },
      },
      targets: [this.queue.target(announcements)],
    });
    if (inbox.email !== undefined) this.addEmail(inbox.email, name, props);
  }

  private addEmail(address: string, name: string, { settings, office, encryptionKey }: OfficeInboxProps) {
    const topic = new Topic(this, 'Email', {
      topicName: `chesil-${settings.deployment}-${name}`,
      masterKey: encryptionKey,
      enforceSSL: true,
    });
    topic.addSubscription(new EmailSubscription(address));
    const task = EventField.fromPath('$.detail.event.dataref');
    this.rule.addTarget(
      new SnsTopic(topic, { message: RuleTargetInput.fromText(`There is a task for your ${OFFICES[office].title}: ${task}`) }),
    );
  }
}

/** The organisation and whoever took over from it: an office that is named for a predecessor follows it to the successor. */
function standsFor(organisation: string, { organisations }: Pick<CheckedSettings, 'organisations'>): string[] {
  const found = new Set([organisation]);
  for (const id of found)
    for (const { organisation: next } of organisations.find((known) => known.id === id)?.successors ?? []) found.add(next);
  return [...found];
}
