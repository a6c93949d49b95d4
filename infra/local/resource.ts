/**
 * One resource of a synthesised template with every intrinsic function already resolved to physical names. The services
 * read nothing else of a template, so that whoever resolves it decides the names, once.
 */
export interface ResolvedResource {
  readonly logicalId: string;
  /** CloudFormation type, such as `AWS::SQS::Queue`. */
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What `Ref` answers: a queue's URL, a role's name, a secret's ARN, a pool's id … */
  readonly ref: string;
  /** What `Fn::GetAtt` answers, by attribute name: `Arn`, `QueueName` … */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where the resources stand: the names that ARNs are made of. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

/** A property of a template that the local services do not know, or whose value they cannot honour. */
export class UnsupportedTemplate extends Error {
  override readonly name = 'UnsupportedTemplate';
  readonly code = 'unsupported-template';
  readonly at: string;

  /** @param at logical id and property path, such as `SignalsQueue.RedrivePolicy`. */
  constructor(at: string, reason: string) {
    super(`${at}: ${reason}`);
    this.at = at;
  }
}

/** The resources of one type. */
export const resourcesOf = (resources: Iterable<ResolvedResource>, type: string): ResolvedResource[] =>
  [...resources].filter((resource) => resource.type === type);

/** @throws UnsupportedTemplate when the resource has a property that is not named in `known`: nothing is silently ignored. */
export function refuseUnknownProperties(resource: ResolvedResource, known: readonly string[]): void {
  const unknown = Object.keys(resource.properties).find((property) => !known.includes(property));
  if (unknown !== undefined)
    throw new UnsupportedTemplate(`${resource.logicalId}.${unknown}`, `unknown property of ${resource.type}`);
}
