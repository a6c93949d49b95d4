/** Run by itself: how long it takes until the policies have decided for the first time. Prints milliseconds: to load them, and to decide once. */
const started = performance.now();
const { loadPolicies, readPolicies } = await import('../../../shared/access/policy-set.ts');
const policies = loadPolicies(readPolicies(new URL('../../../shared/access/policies', import.meta.url).pathname));
const loaded = performance.now();
const { personRequest } = await import('../../../shared/access/deciding/requests.ts');
const imported = performance.now();
policies.ask(personRequest('break-glass', { role: 'clinician', purpose: 'direct-care', kind: 'trust' }));
console.log(JSON.stringify([loaded - started, performance.now() - imported]));
