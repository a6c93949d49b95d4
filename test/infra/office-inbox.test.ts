import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AnnouncementBus } from '../../infra/constructs/announcement-bus.ts';
import { eventsKey } from '../../infra/constructs/encryption.ts';
import { OfficeInbox } from '../../infra/constructs/oversight/office-inbox.ts';
import { demo } from '../../infra/deployments/demo.ts';
import { checkSettings, officesOf } from '../../infra/settings.ts';
import { addChecks } from '../../infra/system.ts';

describe.each(['privacy', 'records'] as const)('a %s office with an address', (office) => {
  const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': false } });
  const offices = [{ organisation: 'uhd', email: 'office@uhd.example' }];
  const settings = checkSettings({ ...demo, privacyOffices: offices, recordsOffices: offices });
  const stack = new Stack(app, 'events', { env: { account: '123456789012', region: 'eu-west-2' } });
  const encryptionKey = eventsKey(stack);
  const announcements = new AnnouncementBus(stack, 'Announcements', { settings, encryptionKey });
  const [inbox] = officesOf(settings, office);
  new OfficeInbox(stack, 'Office', { settings, office, inbox: inbox!, announcements, encryptionKey });
  const template = Template.fromStack(stack);

  it('is told by e-mail that there is a task, and where, and no more', () => {
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    const [, email] = rule!.Properties.Targets;
    expect(email.InputTransformer.InputPathsMap).toEqual({ 'detail-event-dataref': '$.detail.event.dataref' });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'office@uhd.example' });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'events.amazonaws.com' } })]) },
    });
  });

  it('needs nothing that is not explained', () => {
    addChecks(app);
    expect(() => app.synth({ force: true })).not.toThrow();
  });

  it('is there for the organisation that leads oversight, whether or not the settings name it', () => {
    expect(officesOf(settings, office).map(({ organisation }) => organisation)).toEqual(['uhd', 'dorset-icb']);
    expect(officesOf(checkSettings(demo), office)).toHaveLength(demo[`${office}Offices`].length);
  });

  it('hears of its own tasks alone', () => {
    const detail = { office: [office], audience: ['uhd'] };
    template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { detail } });
  });
});
