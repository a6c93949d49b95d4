/** What is known about a request, by condition key: `dynamodb:LeadingKeys`, `aws:SourceArn` … Keys are compared without regard to case. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** Whether a statement's conditions hold for a request. */
export type Condition = (context: RequestContext) => boolean;

/** A statement of a policy, compiled: what it says about a request. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  covers(action: string, resource: string): boolean;
  readonly condition?: Condition;
}

/** A statement of a resource's own policy: it names whom it is about as well. */
export interface ResourceStatement extends Statement {
  /** Whether it is about this caller. `delegates`: it is about the caller's account, whose own policies then decide. */
  names(principal: Principal): 'principal' | 'delegates' | undefined;
}

/**
 * Who calls: a function in its role, a reader of one queue, a subscriber (another account, of which only the resource's own policy
 * speaks), or one AWS service calling another.
 */
export interface Principal {
  readonly kind: 'function' | 'reader' | 'subscriber' | 'service';
  /** A function's role, a subscriber's account root, or the name of a service (`events.amazonaws.com`). */
  readonly arn: string;
  /** What error texts and logs name: the assumed role's session, or the same as `arn`. */
  readonly sessionArn: string;
  readonly account: string;
  /** What its own policies say; a subscriber's and a service's stand elsewhere. */
  readonly statements: readonly Statement[];
}
