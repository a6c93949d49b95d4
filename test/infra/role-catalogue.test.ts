import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demo } from '../../infra/deployments/demo.ts';
import { ROLES, type Role } from '../../shared/access/roles.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/governance/roles.md'), 'utf8');

/** The sections of the catalogue, by the id of the role. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [/\(`([a-z-]+)`\)/.exec(section)?.[1], section.split(/^## /m)[0]!] as const),
);

const jobRoles = [...page.matchAll(/^\| (R\d{4}) \| ([^|]+) \| `([a-z-]+)` \|$/gm)].map(([, code, name, role]) => ({
  code,
  name,
  role,
}));

describe('the role catalogue', () => {
  it('has every role that access is decided by, and no other', () => {
    expect([...sections.keys()]).toEqual(Object.keys(ROLES));
  });

  it.each(Object.keys(ROLES) as Role[])(
    'says of %s what it is called, what it is for, why it may look and who may hold it',
    (role) => {
      const section = sections.get(role)!;
      const { title, purposes } = ROLES[role];
      expect(section.toLowerCase().startsWith(title.toLowerCase())).toBe(true);
      for (const part of ['**For:**', '**Purposes:**', '**Who may hold it:**']) expect(section).toContain(part);
      expect(section).toContain(`**Purposes:** ${purposes.map((purpose) => `\`${purpose}\``).join(', ')}.`);
    },
  );

  it('has the national job roles of the demo as its settings have them, each with its name', () => {
    const { roles } = demo.providers.find(({ id }) => id === 'cis2')!;
    expect(jobRoles.map(({ code, role }) => `${code} ${role}`)).toEqual(roles.map(({ claim, role }) => `${claim} ${role}`));
    expect(jobRoles.every(({ name }) => name!.trim().length > 5)).toBe(true);
  });

  it('says of each word for assurance in the demo what it means', () => {
    const words = new Set(demo.providers.flatMap(({ shape, assurance }) => (shape === 'groups' ? Object.keys(assurance) : [])));
    for (const word of words) expect(page).toContain(word);
  });
});
