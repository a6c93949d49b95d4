import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runAtOnce, type Steps } from '../../../shared/concurrency/steps.ts';
import { createWork } from '../../../shared/concurrency/work.ts';

/** Counts up to `visits`, one at a time, and tells whoever listens when it is abandoned. */
function* counting(visits: number, onEnd: () => void = () => {}): Steps<number> {
  try {
    for (let done = 0; done < visits; done++) yield 1;
    return visits;
  } finally {
    onEnd();
  }
}

const NO_LIMIT = { visits: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY };

describe('a long computation', () => {
  it('gives the same result in slices as at once, whatever its size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9_000 }), async (visits) => {
        const work = createWork();
        expect(await work.run(counting(visits))).toBe(runAtOnce(counting(visits)));
        expect(work.visits).toBe(visits);
        expect(work.pauses).toBeGreaterThanOrEqual(Math.floor(visits / 2_000));
        expect(work.longestSlice).toBeLessThanOrEqual(2_000);
      }),
      { numRuns: 30 },
    );
  });

  it('lets others run in between: what came later and is short is done first', async () => {
    const order: string[] = [];
    const long = createWork('uhd')
      .run(counting(20_000))
      .then(() => order.push('long'));
    const timer = new Promise<void>((resolve) => setTimeout(resolve)).then(() => order.push('timer'));
    const short = createWork('dch')
      .run(counting(10))
      .then(() => order.push('short'));
    await Promise.all([long, timer, short]);
    expect(order).toEqual(['short', 'timer', 'long']);
  });

  it('shares turns among callers: many long requests of one caller count as one', async () => {
    const order: string[] = [];
    const crowd = Array.from({ length: 10 }, () =>
      createWork('uhd')
        .run(counting(40_000))
        .then(() => order.push('uhd')),
    );
    const other = createWork('dch')
      .run(counting(40_000))
      .then(() => order.push('dch'));
    await Promise.all([...crowd, other]);
    expect(order[0]).toBe('dch');
  });

  it('is abandoned past its budget of visits, and cleans up', async () => {
    let ended = false;
    const work = createWork();
    const answer = await work.runWithin(
      { ...NO_LIMIT, visits: 5_000 },
      counting(1_000_000, () => (ended = true)),
    );
    expect(answer).toBe('over-budget');
    expect(ended).toBe(true);
    expect(work.visits).toBe(5_001);
    expect(await work.runWithin({ ...NO_LIMIT, visits: 5_000 }, counting(5_000))).toBe(5_000);
  });

  it('is abandoned past its budget of CPU', async () => {
    expect(await createWork().runWithin({ ...NO_LIMIT, cpuMs: 0 }, counting(1_000_000))).toBe('over-budget');
  });

  it('fails as it would at once', async () => {
    function* failing(): Steps<never> {
      yield 1;
      throw new Error('broken');
    }
    await expect(createWork().run(failing())).rejects.toThrow('broken');
  });
});
