import type { Budget } from '../../shared/concurrency/work.ts';

/**
 * What one search may cost. In a record of 30,000 fragments (the largest known has 3,419) a search by a chain and an
 * inclusion visits about 100,000; so many visits take about a second of CPU.
 */
export const SEARCH_BUDGET: Budget = { visits: 1_000_000, cpuMs: 1_500 };
