import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../shared/lambda/environment.ts';

describe('the environment', () => {
  it('is read when it is whole', () => {
    expect(readEnvironment(['A', 'B'], { A: '1', B: '2', C: '3' })).toEqual({ A: '1', B: '2' });
  });

  it('names everything that is missing or empty, and no value', () => {
    expect(() => readEnvironment(['A', 'B', 'C'], { A: 'secret', B: '' })).toThrow(
      'environment variables are missing or empty: B, C',
    );
  });
});
