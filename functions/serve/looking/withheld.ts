import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Look } from './look.ts';

/** That some information is withheld, where the policies let that be said: whoever reads on must know that the picture is not whole. */
export const withheldIssues = ({ view }: Pick<Look, 'view'>): readonly Issue[] =>
  view.saysWithheld ? [{ code: 'withheld-by-role' }] : [];
