import type { Dated, Organisation, OrganisationKind } from '../../shared/directory/directory.ts';
import { ODS_ORGANISATION } from '../../shared/fhir/systems.ts';
import type { Identifier } from '../../shared/record/identity.ts';

/** Office for National Statistics: codes of councils' areas. */
const GSS = 'http://statistics.data.gov.uk/id/statistical-geography';

type Dates = Omit<Dated<unknown>, 'value'>;

interface Told extends Dates {
  readonly ods?: string;
  readonly gss?: string;
  readonly successor?: { readonly organisation: string; readonly on: string };
}

function organisation(id: string, kind: OrganisationKind, names: string | readonly Dated<string>[], told: Told): Organisation {
  const { ods, gss, successor, ...dates } = told;
  const codes: Identifier[] = [
    ...(ods ? [{ system: ODS_ORGANISATION, value: ods }] : []),
    ...(gss ? [{ system: GSS, value: gss }] : []),
  ];
  return {
    id,
    kind,
    names: typeof names === 'string' ? [{ value: names, ...dates }] : names,
    codes: codes.map((value) => ({ value, ...dates })),
    successors: successor ? [successor] : [],
  };
}

/** Took over whole, on a day: the name and code of the one before stop standing on that day. */
const until = (on: string, into: string): Told => ({ to: on, successor: { organisation: into, on } });

/** The nine partners of the tender of 2015, and whom they have become. */
export const DORSET_PARTNERS: readonly Organisation[] = [
  organisation('dorset-ccg', 'icb', 'NHS Dorset Clinical Commissioning Group', {
    ods: '11J',
    ...until('2022-07-01', 'dorset-icb'),
  }),
  organisation('dorset-icb', 'icb', 'NHS Dorset Integrated Care Board', { ods: 'QVV', from: '2022-07-01' }),
  organisation('dch', 'trust', 'Dorset County Hospital NHS Foundation Trust', { ods: 'RBD' }),
  organisation('dhc', 'trust', 'Dorset HealthCare University NHS Foundation Trust', { ods: 'RDY' }),
  organisation('rbch', 'trust', 'The Royal Bournemouth and Christchurch Hospitals NHS Foundation Trust', {
    ods: 'RDZ',
    ...until('2020-10-01', 'uhd'),
  }),
  organisation('poole-hospital', 'trust', 'Poole Hospital NHS Foundation Trust', { ods: 'RD3', ...until('2020-10-01', 'uhd') }),
  organisation('uhd', 'trust', 'University Hospitals Dorset NHS Foundation Trust', { ods: 'R0D', from: '2020-10-01' }),
  organisation('swasft', 'ambulance', 'South Western Ambulance Service NHS Foundation Trust', { ods: 'RYF' }),
  organisation('dorset-county', 'council', 'Dorset County Council', {
    gss: 'E10000009',
    ...until('2019-04-01', 'dorset-council'),
  }),
  organisation('dorset-council', 'council', 'Dorset Council', { gss: 'E06000059', from: '2019-04-01' }),
  organisation('poole', 'council', 'Borough of Poole', { gss: 'E06000029', ...until('2019-04-01', 'bcp') }),
  organisation('bournemouth', 'council', 'Bournemouth Borough Council', { gss: 'E06000028', ...until('2019-04-01', 'bcp') }),
  organisation('bcp', 'council', 'Bournemouth, Christchurch and Poole Council', { gss: 'E06000058', from: '2019-04-01' }),
];

/** Practices that do not exist, with codes that are not given out. */
export const MADE_UP_PRACTICES: readonly Organisation[] = [
  organisation('ammonite', 'gp-practice', 'Ammonite Street Surgery', { ods: 'X99001' }),
  organisation('golden-cap', 'gp-practice', 'Golden Cap Practice', { ods: 'X99002' }),
  organisation('old-sluice', 'gp-practice', 'Old Sluice Health Centre', { ods: 'X99003' }),
  organisation('pines-walk', 'gp-practice', 'Pines Walk Medical Practice', { ods: 'X99004' }),
  organisation('quay-lantern', 'gp-practice', 'Quay Lantern Surgery', { ods: 'X99005' }),
];

/** A home-care agency that does not exist: councils' packages of care name it, and so it sees whom it visits. */
export const MADE_UP_AGENCIES: readonly Organisation[] = [organisation('limpet', 'other', 'Limpet Home Care', { ods: 'X99020' })];

/** NHS England, whose Personal Demographics Service says which NHS number is whose, and which has superseded another. */
export const NATIONAL: readonly Organisation[] = [
  organisation('pds', 'other', 'NHS England, Personal Demographics Service', { ods: 'X26' }),
];

/** Trusts across the border, whose patients come to Dorset and whose staff treat people from it. */
export const NEIGHBOURS: readonly Organisation[] = [
  organisation('hhft', 'trust', 'Hampshire Hospitals NHS Foundation Trust', { ods: 'RN5' }),
  organisation('salisbury', 'trust', 'Salisbury NHS Foundation Trust', { ods: 'RNZ' }),
  organisation('uhs', 'trust', 'University Hospital Southampton NHS Foundation Trust', { ods: 'RHM' }),
  organisation('portsmouth', 'trust', 'Portsmouth Hospitals University NHS Trust', { ods: 'RHU' }),
  organisation('yeovil', 'trust', 'Yeovil District Hospital NHS Foundation Trust', {
    ods: 'RA4',
    ...until('2023-04-01', 'somerset'),
  }),
  organisation('somerset', 'trust', 'Somerset NHS Foundation Trust', { ods: 'RH5' }),
  organisation('solent', 'trust', 'Solent NHS Trust', { ods: 'R1C', ...until('2024-10-01', 'hiow-healthcare') }),
  organisation(
    'hiow-healthcare',
    'trust',
    [
      { value: 'Southern Health NHS Foundation Trust', to: '2024-10-01' },
      { value: 'Hampshire and Isle of Wight Healthcare NHS Foundation Trust', from: '2024-10-01' },
    ],
    { ods: 'RW1' },
  ),
  organisation('royal-devon', 'trust', 'Royal Devon University Healthcare NHS Foundation Trust', { ods: 'RH8' }),
];
