import { createSystem } from '../system.ts';

/**
 * Synthesises the system into the folder that is named: in a process of its own, since the runtime needs nothing of the CDK. The rule
 * packs speak about AWS and are run by `npm run synth`.
 */
const [outdir] = process.argv.slice(2);
const app = await createSystem({ outdir, checks: false });
app.synth();
