/** Role profiles as `nhsid_nrbac_roles` of CIS2 lists them. */
export const profile = (id: string, org_code: string, role_code: string) => ({
  person_orgid: '555254239107',
  person_roleid: id,
  org_code,
  role_code,
  role_name: '"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"',
  activity_codes: ['B0401'],
});
export const AMMONITE = profile('555254242102', 'X99001', 'S0010:G0020:R0260');
export const OLD_SLUICE = profile('555254242103', 'X99003', 'S0010:G0020:R0260');
export const PARAMEDIC = profile('555254242104', 'RYF', 'S0080:G0450:R1070');
export const ELSEWHERE = profile('555254242105', 'RXX', 'S8000:G8000:R8000');
export const PORTER = profile('555254242106', 'R0D', 'S0090:G0500:R0002');

/** What CIS2 says of somebody with these role profiles, one of which they may have selected there. */
export const cis2 = (roles: readonly object[], selected?: string) => ({
  name: 'Dr Example',
  'custom:staff_id': '555254240100',
  'custom:assurance': '3',
  'custom:roles': JSON.stringify(roles),
  ...(selected === undefined ? {} : { 'custom:selected_role': selected }),
});
