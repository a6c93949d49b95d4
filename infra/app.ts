import { createSystem } from './system.ts';

const app = await createSystem();
app.synth();
