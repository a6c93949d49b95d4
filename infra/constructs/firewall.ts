import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { CheckedSettings } from '../settings.ts';

/** Rules of AWS's own sets that would refuse what is right. They count, and do not block. */
const UNFIT_FOR_FHIR = [
  // They read bodies and do not understand them: a FHIR narrative is XHTML, a bundle is larger than they look at, and a
  // clinical note may quote a path or a script. The functions parse and validate every body.
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'EC2MetaDataSSRF_BODY',
  // They look for `.log`, `.ini` and the like, and an id is a person's, a dot, and any letters: `….logq3…` is a fragment.
  'RestrictedExtensions_URIPATH',
  'RestrictedExtensions_QUERYARGUMENTS',
  // The address of a next page holds the whole search, sealed: more than 2,048 bytes after a long list of ids.
  'SizeRestrictions_QUERYSTRING',
  // Partners' systems are programs, and common HTTP libraries name none unless they are told to.
  'NoUserAgent_HEADER',
];

export interface FirewallProps {
  readonly settings: CheckedSettings;
  readonly operationsKey: IKey;
  /** The stage that it stands in front of. */
  readonly stageArn: string;
}

/** What stands in front of the API: AWS's managed rules, and a bound on what one token may ask. */
export class Firewall extends Construct {
  readonly acl: CfnWebACL;
  /** Name of the firewall in its metrics. */
  readonly metricName: string;

  constructor(scope: Construct, id: string, { settings, operationsKey, stageArn }: FirewallProps) {
    super(scope, id);
    const { requestsPerToken, requestsPerAddress } = settings.firewall;
    this.metricName = `chesil-${settings.deployment}`;
    this.acl = new CfnWebACL(this, 'Acl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: seen(this.metricName),
      rules: [
        managed(0, 'AWSManagedRulesAmazonIpReputationList'),
        managed(1, 'AWSManagedRulesKnownBadInputsRuleSet'),
        managed(2, 'AWSManagedRulesCommonRuleSet', UNFIT_FOR_FHIR),
        rate(3, 'PerToken', {
          limit: requestsPerToken,
          aggregateKeyType: 'CUSTOM_KEYS',
          customKeys: [{ header: { name: 'authorization', textTransformations: [{ priority: 0, type: 'NONE' }] } }],
        }),
        rate(4, 'PerAddress', { limit: requestsPerAddress, aggregateKeyType: 'IP' }),
      ],
    });
    new CfnWebACLAssociation(this, 'Association', { webAclArn: this.acl.attrArn, resourceArn: stageArn });
    this.addLogs(settings, operationsKey);
  }

  private addLogs(settings: CheckedSettings, encryptionKey: IKey) {
    const logs = new LogGroup(this, 'Logs', {
      // WAF writes only to log groups of this prefix.
      logGroupName: `aws-waf-logs-chesil-${settings.deployment}`,
      retention: settings.logRetentionDays as RetentionDays,
      encryptionKey,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.acl.attrArn,
      logDestinationConfigs: [logs.logGroupArn],
      // A query may hold an NHS number, and a token opens records.
      redactedFields: [{ singleHeader: { Name: 'authorization' } }, { queryString: {} }],
    });
  }
}

const seen = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  // Samples hold whole requests, query strings too.
  sampledRequestsEnabled: false,
});

const managed = (priority: number, name: string, counted: readonly string[] = []): CfnWebACL.RuleProperty => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      vendorName: 'AWS',
      name,
      ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
  visibilityConfig: seen(name),
});

const rate = (
  priority: number,
  name: string,
  rateBasedStatement: CfnWebACL.RateBasedStatementProperty,
): CfnWebACL.RuleProperty => ({
  name,
  priority,
  action: { block: {} },
  statement: { rateBasedStatement: { evaluationWindowSec: 300, ...rateBasedStatement } },
  visibilityConfig: seen(name),
});
