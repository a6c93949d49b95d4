import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { AnnouncementBus } from '../constructs/announcement-bus.ts';
import { eventsKey } from '../constructs/encryption.ts';
import { SignalQueues } from '../constructs/signals/signal-queues.ts';
import { SigningSecrets } from '../constructs/signals/signing-secrets.ts';
import type { CheckedSettings } from '../settings.ts';

export interface BusProps extends StackProps {
  readonly settings: CheckedSettings;
}

/** What changes travel by: the bus with its archive, and the queues behind the rules of subscriptions. It stands before the door, through which rules are made. */
export class BusStack extends Stack {
  readonly eventsKey: Key;
  readonly announcements: AnnouncementBus;
  readonly queues: SignalQueues;
  readonly signing: SigningSecrets;

  constructor(scope: Construct, id: string, props: BusProps) {
    super(scope, id, props);
    const { settings } = props;
    this.eventsKey = eventsKey(this);
    this.announcements = new AnnouncementBus(this, 'Announcements', { settings, encryptionKey: this.eventsKey });
    this.queues = new SignalQueues(this, 'Signals', {
      settings,
      announcements: this.announcements,
      encryptionKey: this.eventsKey,
    });
    this.signing = new SigningSecrets(this, 'Signing', { settings });
  }
}
