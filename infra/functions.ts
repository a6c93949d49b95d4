import { environment as alert } from '../functions/alert/env.ts';
import { environment as announce } from '../functions/announce/env.ts';
import { environment as claims } from '../functions/claims/env.ts';
import { environment as collect } from '../functions/collect/env.ts';
import { environment as compact } from '../functions/compact/env.ts';
import { environment as deliver } from '../functions/deliver/env.ts';
import { environment as ingest } from '../functions/ingest/env.ts';
import { environment as justify } from '../functions/justify/env.ts';
import { environment as review } from '../functions/review/env.ts';
import { environment as seal } from '../functions/seal/env.ts';
import { environment as serve } from '../functions/serve/env.ts';
import { environment as subscribe } from '../functions/subscribe/env.ts';
import { environment as tend } from '../functions/tend/env.ts';

/** What is said of a function: how it runs, and what its failure means to a person. */
export interface FunctionDescription {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** What its `env.ts` says that it reads. */
  readonly environment: readonly string[];
  /**
   * What lies beside the bundle: the partners; their systems; who vouches for people; the access policies with the engine that
   * decides them; where signals may go; whose silence is watched.
   */
  readonly beside: readonly ('directory' | 'sources' | 'providers' | 'policies' | 'channels' | 'feeds')[];
  /** What somebody outside notices when it fails. */
  readonly errorImpact: string;
}

/**
 * The functions of the system. Lambda gives CPU in proportion to memory, one core at 1,769 MB: those that somebody waits
 * for have a whole one. API Gateway waits 29 seconds at most.
 */
export const FUNCTIONS = {
  ingest: {
    memoryMb: 1769,
    timeoutSeconds: 29,
    environment: ingest,
    beside: ['directory', 'sources', 'policies'],
    errorImpact:
      'Partners cannot add to records. What they sent was refused, so nothing is half written; their systems send again. Until then professionals see records that lag behind.',
  },
  serve: {
    memoryMb: 1769,
    timeoutSeconds: 29,
    environment: serve,
    beside: ['directory', 'sources', 'policies', 'feeds'],
    errorImpact:
      'Professionals cannot see records, and decide without knowing allergies, medicines or plans that others recorded.',
  },
  justify: {
    memoryMb: 1769,
    timeoutSeconds: 29,
    environment: justify,
    beside: ['directory', 'sources', 'policies'],
    errorImpact:
      'Staff cannot break the glass or claim a relationship: in an emergency they see nothing of a person whom their organisation does not know. Privacy officers cannot review, and records officers cannot answer.',
  },
  subscribe: {
    memoryMb: 1769,
    timeoutSeconds: 29,
    environment: subscribe,
    beside: ['directory', 'sources', 'policies', 'channels'],
    errorImpact:
      'Organisations cannot subscribe to changes, change what they hear of, or catch up on what they missed. What they have subscribed to is delivered all the same.',
  },
  announce: {
    memoryMb: 1024,
    timeoutSeconds: 60,
    environment: announce,
    beside: ['directory', 'sources', 'policies'],
    errorImpact:
      'Organisations do not hear of changes: an admission, a discharge or a retraction goes unnoticed until somebody opens the record.',
  },
  collect: {
    memoryMb: 1769,
    timeoutSeconds: 60,
    environment: collect,
    beside: ['directory', 'sources', 'policies', 'channels'],
    errorImpact:
      'Organisations do not hear of changes that they have subscribed to: an admission or a discharge goes unnoticed. What has arrived waits, and is told once it works again.',
  },
  deliver: {
    memoryMb: 1769,
    timeoutSeconds: 180,
    environment: deliver,
    beside: ['directory', 'sources', 'policies', 'channels'],
    errorImpact:
      'Organisations do not hear of changes that they have subscribed to, or hear late. What waits for them is kept, and is told in its order once it works again.',
  },
  tend: {
    memoryMb: 1024,
    timeoutSeconds: 60,
    environment: tend,
    beside: ['directory', 'feeds'],
    errorImpact:
      'What could not be delivered is not tried again, subscriptions do not end when they should, and nobody is told that a source has fallen silent.',
  },
  alert: {
    memoryMb: 512,
    timeoutSeconds: 60,
    environment: alert,
    beside: [],
    errorImpact:
      'Privacy offices do not hear that a glass was broken, a relationship claimed or something found, nor records offices of a doubt. Each is in the review queue all the same.',
  },
  review: {
    memoryMb: 1024,
    timeoutSeconds: 300,
    environment: review,
    beside: ['directory'],
    errorImpact:
      'Nobody is asked about looks at records that should be asked about: of relatives, colleagues, people in the news. The looks are noted, and are reviewed once it works again.',
  },
  compact: {
    memoryMb: 1769,
    timeoutSeconds: 60,
    environment: compact,
    beside: [],
    errorImpact: 'Records that change often become slower to open, and in the end time out. Nothing is lost.',
  },
  seal: {
    memoryMb: 1024,
    timeoutSeconds: 60,
    environment: seal,
    beside: [],
    errorImpact:
      'Looks at records are noted but not sealed: until it is mended, nobody can prove that the newest of them were not changed.',
  },
  claims: {
    memoryMb: 512,
    timeoutSeconds: 5,
    environment: claims,
    beside: ['directory', 'providers'],
    errorImpact: 'Nobody can sign in, and partners get no access tokens: within the hour nobody can read or write any record.',
  },
} as const satisfies Record<string, FunctionDescription>;

export type FunctionName = keyof typeof FUNCTIONS;
