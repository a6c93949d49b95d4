import { describe, expect, it } from 'vitest';
import { summarise, type TestReport } from '../../summary.ts';

const passed = { status: 'passed' };
const failed = { status: 'failed' };
const fileOf = (name: string, ...assertionResults: { status: string }[]) => ({
  name: `/repository/test/${name}`,
  status: assertionResults.length > 0 && assertionResults.every(({ status }) => status === 'passed') ? 'passed' : 'failed',
  assertionResults,
});

function reportOf(...testResults: TestReport['testResults'][number][]): TestReport {
  const count = (wanted: string) =>
    testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === wanted).length;
  return { numPassedTests: count('passed'), numFailedTests: count('failed'), testResults };
}

const linesOf = (report: TestReport | undefined, exitCode: number | null) => summarise(report, exitCode, '/repository/').lines;

describe('the last lines of a test run', () => {
  it('are the totals alone when all passed', () => {
    expect(linesOf(reportOf(fileOf('a.test.ts', passed, passed)), 0)).toEqual(['2 passed, 0 failed']);
  });

  it('name each file that failed, before the totals', () => {
    const report = reportOf(
      fileOf('a.test.ts', passed, failed),
      fileOf('b.test.ts', passed),
      fileOf('c.test.ts', failed, failed),
    );
    expect(linesOf(report, 1)).toEqual([
      'Failed:',
      '  test/a.test.ts: 1 test',
      '  test/c.test.ts: 2 tests',
      '2 passed, 3 failed',
    ]);
  });

  it('count a file that could not be loaded, beside tests that failed elsewhere', () => {
    const report = reportOf(fileOf('a.test.ts', failed), fileOf('broken.test.ts'));
    expect(linesOf(report, 1)).toEqual([
      'Failed:',
      '  test/a.test.ts: 1 test',
      '  test/broken.test.ts: could not run',
      '0 passed, 2 failed',
    ]);
  });

  it('say so when an error outside of any test ended the run', () => {
    expect(linesOf(reportOf(fileOf('a.test.ts', passed)), 1)).toEqual([
      'Failed:',
      '  An error outside of any test ended the run: see above.',
      '1 passed, 1 failed',
    ]);
  });

  it('say so when there is no report', () => {
    expect(linesOf(undefined, null)).toEqual(['Failed:', '  vitest wrote no report.', '0 passed, 1 failed']);
  });
});
