import { type ResolvedResource, resourcesOf } from '../resource.ts';
import { opaqueId } from '../template/known-type.ts';
import type { Method } from './api.ts';
import { createThrottle, type Limits, type Throttle } from './throttle.ts';

/** What holders of an API key may ask in all. */
export interface Plan {
  readonly limits: Limits | undefined;
  readonly quota: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' } | undefined;
  /** Limits of single methods: `/R4/{type}/GET`. */
  readonly methodLimits: Readonly<Record<string, Limits>>;
}

/** Enabled API keys by value, each with its name and plan. */
export type PlanSettings = ReadonlyMap<string, { readonly id: string; readonly name: string; readonly plan: Plan }>;

interface PlanProperties {
  readonly ApiStages?: readonly {
    readonly ApiId: string;
    readonly Stage: string;
    readonly Throttle?: Readonly<Record<string, { readonly RateLimit: number; readonly BurstLimit: number }>>;
  }[];
  readonly Throttle?: { readonly RateLimit?: number; readonly BurstLimit?: number };
  readonly Quota?: { readonly Limit: number; readonly Period: 'DAY' | 'WEEK' | 'MONTH' };
}

/** Reads the usage plans of a stage and the keys in them. */
export function readPlans(resources: readonly ResolvedResource[], apiId: string, stage: string): PlanSettings {
  const keys = new Map(resourcesOf(resources, 'AWS::ApiGateway::ApiKey').map((resource) => [resource.ref, resource]));
  const plans = new Map(resourcesOf(resources, 'AWS::ApiGateway::UsagePlan').map((resource) => [resource.ref, resource]));
  const found = new Map<string, { id: string; name: string; plan: Plan }>();
  for (const { properties } of resourcesOf(resources, 'AWS::ApiGateway::UsagePlanKey')) {
    const key = keys.get(String(properties.KeyId));
    const plan = readPlan(plans.get(String(properties.UsagePlanId))?.properties as PlanProperties | undefined, apiId, stage);
    if (key === undefined || plan === undefined || String(key.properties.Enabled) !== 'true') continue;
    found.set(keyValue(key), { id: key.ref, name: String(key.properties.Name ?? key.logicalId), plan });
  }
  return found;
}

/** The value that AWS would draw at random. */
const keyValue = ({ logicalId, properties }: ResolvedResource): string =>
  properties.Value === undefined
    ? opaqueId(`api key ${logicalId}`, 40, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')
    : String(properties.Value);

function readPlan(properties: PlanProperties | undefined, apiId: string, stage: string): Plan | undefined {
  const here = properties?.ApiStages?.find(({ ApiId, Stage }) => ApiId === apiId && Stage === stage);
  if (properties === undefined || here === undefined) return undefined;
  const { Throttle: throttle, Quota: quota } = properties;
  return {
    limits:
      throttle?.RateLimit === undefined || throttle.BurstLimit === undefined
        ? undefined
        : { perSecond: Number(throttle.RateLimit), burst: Number(throttle.BurstLimit) },
    quota: quota && { limit: Number(quota.Limit), period: quota.Period },
    methodLimits: Object.fromEntries(
      Object.entries(here.Throttle ?? {}).map(([method, { RateLimit, BurstLimit }]) => [
        method,
        { perSecond: Number(RateLimit), burst: Number(BurstLimit) },
      ]),
    ),
  };
}

/** What API Gateway answers to a key; `undefined` lets the request pass. */
export type UseKey = (
  value: string | undefined,
  method: Method,
  nowMs: number,
) => 'INVALID_API_KEY' | 'THROTTLED' | 'QUOTA_EXCEEDED' | undefined;

/** Counts what each key asks. Quotas count from the start of the runtime. */
export function createPlans(settings: PlanSettings): UseKey {
  const throttles = new Map<string, Throttle>();
  const used = new Map<string, { readonly period: string; requests: number }>();

  const passes = (name: string, limits: Limits | undefined, nowMs: number): boolean => {
    if (limits === undefined) return true;
    const throttle = throttles.get(name) ?? createThrottle(limits);
    throttles.set(name, throttle);
    return throttle(nowMs);
  };

  const withinQuota = (id: string, { quota }: Plan, nowMs: number): boolean => {
    if (quota === undefined) return true;
    const period = periodOf(quota.period, nowMs);
    const current = used.get(id);
    const count = current?.period === period ? current : { period, requests: 0 };
    used.set(id, count);
    count.requests += 1;
    return count.requests <= quota.limit;
  };

  return (value, method, nowMs) => {
    const key = settings.get(value ?? '');
    if (key === undefined) return 'INVALID_API_KEY';
    const name = `${method.resourcePath}/${method.httpMethod}`;
    if (!passes(key.id, key.plan.limits, nowMs) || !passes(`${key.id} ${name}`, key.plan.methodLimits[name], nowMs))
      return 'THROTTLED';
    return withinQuota(key.id, key.plan, nowMs) ? undefined : 'QUOTA_EXCEEDED';
  };
}

const DAY_MS = 86_400_000;

/** Days, weeks and months begin at midnight UTC. */
function periodOf(period: 'DAY' | 'WEEK' | 'MONTH', nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  if (period === 'WEEK') return `week ${Math.floor((nowMs / DAY_MS + 4) / 7)}`;
  return period === 'MONTH' ? day.slice(0, 7) : day;
}
