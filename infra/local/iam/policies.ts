import { type ResolvedResource, refuseUnknownProperties, UnsupportedTemplate } from '../resource.ts';
import { texts } from './conditions.ts';
import type { ResourceStatement, Statement } from './model.ts';
import { compileResourceStatements, compileStatements } from './statements.ts';

/** Every policy of a template, by whom or what it is about. */
export interface Policies {
  /** What a role may do. @throws UnsupportedTemplate when the template has no such role. */
  ofRole(nameOrArn: string): readonly Statement[];
  /** What a resource's own policy says: of a queue, key, secret, bus or function, by ARN. */
  ofResource(arn: string): readonly ResourceStatement[];
}

/** Policies of AWS that a template may name; anything else stops the runtime, because nobody knows here what it allows. */
const MANAGED_POLICIES: Readonly<Record<string, readonly string[]>> = {
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:PutLogEvents',
    'logs:GetLogEvents',
    'logs:FilterLogEvents',
  ],
  'service-role/AWSLambdaBasicExecutionRole': ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
};

const ROLE_PROPERTIES = [
  'AssumeRolePolicyDocument',
  'Description',
  'ManagedPolicyArns',
  'MaxSessionDuration',
  'Path',
  'Policies',
  'RoleName',
  'Tags',
];
const POLICY_PROPERTIES = ['PolicyDocument', 'PolicyName', 'ManagedPolicyName', 'Description', 'Path', 'Roles'];

/**
 * Reads the policies of roles and resources.
 *
 * @throws UnsupportedTemplate on a managed policy, property, element or condition operator that is not known
 */
export function policiesOf(resources: Iterable<ResolvedResource>): Policies {
  const all = [...resources];
  const roles = new Map<string, Statement[]>();
  const managed = new Map<string, Statement[]>();
  for (const resource of all) {
    if (resource.type === 'AWS::IAM::ManagedPolicy') managed.set(resource.ref, readPolicy(resource));
  }
  for (const resource of all) {
    if (resource.type === 'AWS::IAM::Role') roles.set(resource.ref, readRole(resource, managed));
  }
  for (const resource of all) {
    if (resource.type === 'AWS::IAM::Policy' || resource.type === 'AWS::IAM::ManagedPolicy') attach(resource, roles);
  }
  const atResources = readResourcePolicies(all);
  return {
    ofRole(nameOrArn) {
      const statements = roles.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
      if (statements === undefined) throw new UnsupportedTemplate(nameOrArn, 'the template has no such role');
      return statements;
    },
    ofResource: (arn) => atResources.get(arn) ?? [],
  };
}

function readRole(role: ResolvedResource, managed: ReadonlyMap<string, readonly Statement[]>): Statement[] {
  refuseUnknownProperties(role, ROLE_PROPERTIES);
  const { Policies = [], ManagedPolicyArns = [] } = role.properties as {
    Policies?: { PolicyDocument: unknown }[];
    ManagedPolicyArns?: string[];
  };
  return [
    ...Policies.flatMap(({ PolicyDocument }, index) => compileStatements(PolicyDocument, `${role.logicalId}.Policies[${index}]`)),
    ...ManagedPolicyArns.flatMap(
      (arn, index) => managed.get(arn) ?? awsPolicy(arn, `${role.logicalId}.ManagedPolicyArns[${index}]`),
    ),
  ];
}

function awsPolicy(arn: string, at: string): Statement[] {
  const actions = MANAGED_POLICIES[/^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? ''];
  if (actions === undefined) throw new UnsupportedTemplate(at, `unknown managed policy ${arn}`);
  return compileStatements({ Statement: { Effect: 'Allow', Action: actions, Resource: '*' } }, at);
}

function readPolicy(policy: ResolvedResource): Statement[] {
  refuseUnknownProperties(policy, POLICY_PROPERTIES);
  return compileStatements(policy.properties.PolicyDocument, `${policy.logicalId}.PolicyDocument`);
}

function attach(policy: ResolvedResource, roles: ReadonlyMap<string, Statement[]>): void {
  const statements = readPolicy(policy);
  for (const name of texts(policy.properties.Roles ?? [])) {
    const role = roles.get(name);
    if (role === undefined) throw new UnsupportedTemplate(`${policy.logicalId}.Roles`, `the template has no role ${name}`);
    role.push(...statements);
  }
}

/** Where each type keeps the policy of a resource, and which resources it is about (ARN or what `Ref` answers). */
const RESOURCE_POLICIES: Readonly<
  Record<string, (resource: ResolvedResource) => { readonly of: readonly string[]; readonly document: unknown }>
> = {
  'AWS::SQS::QueuePolicy': ({ properties }) => ({ of: texts(properties.Queues), document: properties.PolicyDocument }),
  'AWS::DynamoDB::Table': ({ ref, properties }) => ({
    of: [ref],
    document: (properties.ResourcePolicy as { PolicyDocument?: unknown } | undefined)?.PolicyDocument ?? { Statement: [] },
  }),
  'AWS::KMS::Key': ({ ref, properties }) => ({ of: [ref], document: properties.KeyPolicy }),
  'AWS::SecretsManager::ResourcePolicy': ({ properties }) => ({
    of: texts(properties.SecretId),
    document: properties.ResourcePolicy,
  }),
  'AWS::Events::EventBus': ({ ref, properties }) => ({ of: [ref], document: properties.Policy ?? { Statement: [] } }),
  'AWS::Events::EventBusPolicy': ({ properties }) => ({
    of: texts(properties.EventBusName),
    document: { Statement: properties.Statement },
  }),
  'AWS::Lambda::Permission': ({ properties }) => ({
    of: texts(properties.FunctionName),
    document: permissionDocument(properties),
  }),
};

function readResourcePolicies(all: readonly ResolvedResource[]): ReadonlyMap<string, ResourceStatement[]> {
  const arns = new Map(
    all.flatMap(({ ref, attributes }) => (attributes.Arn === undefined ? [] : [[ref, attributes.Arn] as const])),
  );
  const found = new Map<string, ResourceStatement[]>();
  for (const resource of all) {
    const policy = RESOURCE_POLICIES[resource.type]?.(resource);
    if (policy === undefined) continue;
    const statements = compileResourceStatements(policy.document, `${resource.logicalId}.Policy`);
    for (const name of policy.of) {
      const arn = arns.get(name) ?? name;
      found.set(arn, [...(found.get(arn) ?? []), ...statements]);
    }
  }
  return found;
}

/** A permission of a function, as the policy statement that Lambda keeps for it (Lambda API, AddPermission). */
function permissionDocument({
  Action,
  Principal,
  SourceArn,
  SourceAccount,
  ...others
}: Readonly<Record<string, unknown>>): unknown {
  const unknown = Object.keys(others).find((name) => name !== 'FunctionName');
  if (unknown !== undefined) throw new UnsupportedTemplate(`AWS::Lambda::Permission.${unknown}`, 'unknown property');
  const isService = /\.amazonaws\.com$/.test(String(Principal));
  return {
    Statement: {
      Effect: 'Allow',
      Action,
      Principal: isService ? { Service: Principal } : { AWS: Principal },
      Resource: '*',
      Condition: {
        ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
        ...(SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
      },
    },
  };
}
