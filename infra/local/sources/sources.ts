import type { FunctionDescription } from '../functions/description.ts';
import { authorise, type Demand } from '../iam/authorise.ts';
import type { Principal } from '../iam/model.ts';
import type { Policies } from '../iam/policies.ts';
import type { QueueSettings } from '../queues/settings.ts';
import { type ResolvedResource, resourcesOf, UnsupportedTemplate } from '../resource.ts';
import { isOfQueue, type QueueMapping, readQueueMapping } from './mapping.ts';
import { type PollerParts, startPoller } from './poller.ts';

/** Everything that hands messages of queues to functions. */
export interface Sources {
  stop(): Promise<void>;
}

interface SourcesParts extends PollerParts {
  readonly mappings: readonly QueueMapping[];
  readonly functions: readonly FunctionDescription[];
  readonly policies: Policies;
  /** Who a function is when it calls. */
  readonly principalOf: (functionArn: string) => Principal;
}

/** Reads every event source mapping of a queue. @throws UnsupportedTemplate */
export function queueMappingsOf(resources: readonly ResolvedResource[]): readonly QueueMapping[] {
  const functions = new Map(
    resourcesOf(resources, 'AWS::Lambda::Function').map(({ ref, attributes }) => [ref, attributes.Arn ?? '']),
  );
  return resourcesOf(resources, 'AWS::Lambda::EventSourceMapping')
    .filter(isOfQueue)
    .flatMap((resource) => readQueueMapping(resource, functions) ?? []);
}

/** How many events a function's mappings hand to it at the same time. */
export const atOnceOf = (mappings: readonly QueueMapping[], functionArn: string): number =>
  mappings.reduce((sum, mapping) => sum + (mapping.functionArn === functionArn ? mapping.concurrency : 0), 0);

/**
 * Starts every event source mapping of a queue. What a process that is no more had taken is handed over again at once.
 *
 * @throws UnsupportedTemplate when a function may not do what Lambda does in its name, or is slower than its queue waits
 */
export async function startSources(parts: SourcesParts): Promise<Sources> {
  const { mappings, queues } = parts;
  for (const mapping of mappings) assertPossible(mapping, queueOf(mapping, parts), parts);
  for (const mapping of mappings) await queues.release(mapping.queueArn);
  const pollers = mappings.map((mapping) => startPoller(mapping, parts));
  return {
    async stop() {
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}

function queueOf({ queueArn, logicalId }: QueueMapping, { queues }: SourcesParts): QueueSettings {
  const found = queues.settings.find(({ arn }) => arn === queueArn);
  if (found === undefined) throw new UnsupportedTemplate(`${logicalId}.EventSourceArn`, 'the template has no such queue');
  return found;
}

/** Lambda receives and deletes in the name of the function, and refuses a mapping that could hand a message over twice. */
function assertPossible({ logicalId, functionArn }: QueueMapping, queue: QueueSettings, parts: SourcesParts): void {
  const { functions, queues, policies, principalOf } = parts;
  const timeoutMs = functions.find(({ arn }) => arn === functionArn)!.timeoutMs;
  if (queue.visibilityMs < timeoutMs)
    throw new UnsupportedTemplate(logicalId, `the visibility timeout of ${queue.name} is less than the function's timeout`);
  const principal = principalOf(functionArn);
  const refused = queues.receiveDemands(queue).find((demand: Demand) => authorise(principal, demand, policies) !== 'allowed');
  if (refused !== undefined)
    throw new UnsupportedTemplate(
      logicalId,
      `${principal.arn} may not ${refused.action} on ${refused.resource}, which the mapping needs`,
    );
}
