import { problemsOfEvents } from './events/problems.ts';
import { problemsOfPolicies } from './policy/problems.ts';
import { DEPLOYMENT_NAMES, loadSettings } from './settings.ts';

/** What can be wrong in data: each check has a name, and answers with what is wrong. */
const CHECKS: Readonly<Record<string, () => readonly string[]>> = {
  'access policies': problemsOfPolicies,
  'event catalogue': problemsOfEvents,
  ...Object.fromEntries(DEPLOYMENT_NAMES.map((name) => [`settings of ${name}`, () => problemsOf(name)])),
};

function problemsOf(deployment: string): readonly string[] {
  try {
    loadSettings(deployment);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

for (const [name, check] of Object.entries(CHECKS)) {
  const problems = check();
  for (const problem of problems) console.error(`${name}: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
