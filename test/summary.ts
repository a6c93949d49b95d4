/** The part of vitest's JSON report that the summary reads. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  /** Path of the file. */
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** Printed in this order; the last is always `N passed, N failed`. */
  readonly lines: readonly string[];
}

/**
 * Sums up a test run: the files that failed, then the totals.
 *
 * @param report absent when vitest wrote none, which counts as one failure
 * @param exitCode of vitest; not 0 although no test failed: an error outside of any test
 * @param root folder to which the paths of files are shown relative, with a slash at its end
 */
export function summarise(report: TestReport | undefined, exitCode: number | null, root: string): Summary {
  if (report === undefined) return summaryOf(0, ['vitest wrote no report.']);
  const broken = report.testResults.filter(({ status }) => status === 'failed');
  const named = broken.map((file) => `${relativeTo(root, file.name)}: ${whatFailed(file)}`);
  const outside = named.length === 0 && exitCode !== 0 ? ['An error outside of any test ended the run: see above.'] : [];
  return summaryOf(report.numPassedTests, [...named, ...outside], broken.map(failures).reduce(sum, outside.length));
}

function summaryOf(passed: number, problems: readonly string[], failed = problems.length): Summary {
  const heading = problems.length === 0 ? [] : ['Failed:', ...problems.map((problem) => `  ${problem}`)];
  return { passed, failed, lines: [...heading, `${passed} passed, ${failed} failed`] };
}

const failedTests = ({ assertionResults }: TestFile): number =>
  assertionResults.filter(({ status }) => status === 'failed').length;

/** A file that could not be loaded, or whose hooks failed, has no test that failed, and counts as one. */
const failures = (file: TestFile): number => Math.max(1, failedTests(file));

function whatFailed(file: TestFile): string {
  const count = failedTests(file);
  if (count === 0) return 'could not run';
  return count === 1 ? '1 test' : `${count} tests`;
}

const relativeTo = (root: string, path: string): string => (path.startsWith(root) ? path.slice(root.length) : path);

const sum = (one: number, other: number): number => one + other;
