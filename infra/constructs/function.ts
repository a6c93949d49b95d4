import { join } from 'node:path';
import { Aws, Duration, RemovalPolicy, Token, Validations } from 'aws-cdk-lib';
import { Effect, type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { BUNDLES_CONTEXT } from '../bundle.ts';
import { FUNCTIONS, type FunctionDescription, type FunctionName } from '../functions.ts';
import type { CheckedSettings } from '../settings.ts';

export interface BundledFunctionProps {
  readonly settings: CheckedSettings;
  /** Encrypts the logs. */
  readonly operationsKey: IKey;
}

/**
 * A function of `functions/<name>`: its bundle, a role that can do nothing yet but log and trace, a log group of its own.
 * What it may do is granted by the construct that it uses, which tells it in the same call where that thing is.
 */
export class BundledFunction extends Construct implements IGrantable {
  readonly name: FunctionName;
  readonly description: FunctionDescription;
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly grantPrincipal: Role;
  private readonly told = new Set<string>();

  constructor(scope: Construct, name: FunctionName, { settings, operationsKey }: BundledFunctionProps) {
    super(scope, name);
    this.name = name;
    this.description = FUNCTIONS[name];
    const functionName = `chesil-${settings.deployment}-${name}`;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: settings.logRetentionDays as RetentionDays,
      encryptionKey: operationsKey,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(this.node.getContext(BUNDLES_CONTEXT), name)),
      handler: 'index.handler',
      memorySize: this.description.memoryMb,
      timeout: Duration.seconds(this.description.timeoutSeconds),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup: this.logGroup,
      role,
      environment: { POWERTOOLS_SERVICE_NAME: name },
    });
    this.grantPrincipal = role;
    // Not `grantWrite`: the role may write to this log group and no other.
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], this.logGroup.logGroupArn);
    this.acknowledge();
    this.node.addValidation({ validate: () => this.faults(this.description.environment) });
  }

  /** Sets a variable of the environment. Told by the construct that grants access to what it names. */
  tell(variable: string, value: string): void {
    this.told.add(variable);
    this.lambda.addEnvironment(variable, value);
  }

  /** Allows actions on one resource (or the entries of it that a trailing `*` names). */
  allow(actions: readonly string[], ...resources: readonly string[]): void {
    this.lambda.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }));
  }

  /** Allows actions on one resource under conditions. */
  allowIf(conditions: Readonly<Record<string, Readonly<Record<string, string>>>>, actions: readonly string[], resource: string) {
    this.lambda.addToRolePolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [resource], conditions }),
    );
  }

  /** Says why it is allowed something of all whose ARNs begin alike. */
  explain(arn: string, reason: string): void {
    const written = Token.isUnresolved(arn) ? arn.replaceAll(Aws.ACCOUNT_ID, '<AWS::AccountId>') : arn;
    Validations.of(this).acknowledge({ id: `AwsSolutions-IAM5[Resource::${written}]`, reason });
  }

  private acknowledge() {
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'Tracing and listing have no resources to name: xray:Put…, dynamodb:ListStreams, events:ListRules and events:ListReplays take "*" only.',
      },
      {
        id: 'NIST.800.53.R5-IAMNoInlinePolicy',
        reason:
          'What a function may do belongs to that function alone and goes with it; a policy to share would only invite sharing.',
      },
      {
        id: 'NIST.800.53.R5-LambdaInsideVPC',
        reason:
          'It speaks to AWS services only, over TLS, each call signed and allowed by IAM; there is no private network to be inside of.',
      },
      {
        id: 'NIST.800.53.R5-LambdaConcurrency',
        reason:
          'Nothing is reserved: a bound of its own would refuse care that the account could still serve. The API throttles, and an alarm tells of refusals.',
      },
      {
        id: 'NIST.800.53.R5-LambdaDLQ',
        reason:
          'Callers of the API and the token endpoint read its failure; what streams and rules hand over has dead letters at the event source and at the rule.',
      },
    );
  }

  private faults(stated: readonly string[]): string[] {
    const missing = stated.filter((variable) => !this.told.has(variable));
    const unread = [...this.told].filter((variable) => !stated.includes(variable));
    return [
      ...missing.map((variable) => `functions/${this.name}/env.ts reads ${variable}, which nothing grants`),
      ...unread.map((variable) => `functions/${this.name} is granted ${variable}, which its env.ts does not read`),
    ];
  }
}
