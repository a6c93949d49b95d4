import { writeFileSync } from 'node:fs';
import { readPolicies } from '../../shared/access/policy-set.ts';
import { policyDocument } from './document.ts';
import { DOCUMENT, POLICIES } from './problems.ts';

/** `npm run policy`: writes down who may see what, as the policies say it now. */
writeFileSync(DOCUMENT, policyDocument(readPolicies(POLICIES)));
