/**
 * What makes a fragment sensitive by what it is about: sets of SNOMED CT concepts. After the data sets that the RCGP and NHS England keep out of the
 * Summary Care Record unless the person asks (sexually transmitted infection, termination of pregnancy, assisted conception, gender reassignment), and
 * after the two Acts. The sets of NHS England (SNOMED CT UK reference sets, updated twice a year) are longer: information governance adopts them here, row by row.
 *
 * Each concept was found with this meaning in a published code list; those marked `unchecked` were not, and want checking in the SNOMED CT browser.
 */
export interface SensitiveSet {
  readonly marking: Marking;
  /** Where it is asked for. */
  readonly source: string;
  /** Concept id and what it means; the meaning is for whoever reads this. */
  readonly concepts: Readonly<Record<string, string>>;
  /** Ids among them whose meaning nobody has checked. */
  readonly unchecked?: readonly string[];
}

/** What a fragment may be marked with, in the words of the policies. */
export const MARKINGS = [
  ...(['restricted', 'very-restricted', 'unknown-label', 'sti', 'termination'] as const),
  ...(['assisted-conception', 'gender-recognition', 'child-protection', 'third-party'] as const),
];

export type Marking = (typeof MARKINGS)[number];

const RCGP = 'RCGP and NHS England: sensitive data excluded from the Summary Care Record';

export const SENSITIVE_SETS: readonly SensitiveSet[] = [
  {
    marking: 'sti',
    source: RCGP,
    concepts: {
      '8098009': 'Sexually transmitted infectious disease',
      '15628003': 'Gonorrhoea',
      '42746002': 'Gonorrhoea of rectum',
      '50970007': 'Acute gonorrhoea of upper genitourinary tract',
      '186915005': 'Chronic gonorrhoea of lower genitourinary tract',
      '76272004': 'Syphilis',
      '266127002': 'Primary syphilis',
      '186847001': 'Primary genital syphilis',
      '240557004': 'Secondary syphilis',
      '186867005': 'Latent early syphilis',
      '186903006': 'Late latent syphilis',
      '26039008': 'Neurosyphilis',
      '428015005': 'Chlamydia trachomatis infection of genital structure',
      '420910002': 'Chlamydia trachomatis infection of anus and rectum',
      '33839006': 'Genital herpes simplex',
      '423391007': 'Genital herpes simplex type 2',
      '440714005': 'Genital herpes simplex type 1',
      '186538004': 'Anogenital herpesviral infection',
      '86406008': 'Human immunodeficiency virus infection',
      '62479008': 'Acquired immune deficiency syndrome',
      '165816005': 'Human immunodeficiency virus positive',
      '31676001': 'Human immunodeficiency virus antigen test',
      '171128005': 'Referral for screening for sexually transmitted infection',
      '240589008': 'Chlamydia trachomatis infection',
      '266113007': 'Genital warts',
    },
    unchecked: ['240589008', '266113007'],
  },
  {
    marking: 'termination',
    source: RCGP,
    concepts: {
      '386639001': 'Termination of pregnancy',
      '714812005': 'Induced termination of pregnancy',
      '10383002': 'Counselling for termination of pregnancy',
      '386394001': 'Pregnancy termination care',
      '707998009': 'Assessment for termination of pregnancy',
      '310506006': 'Reason for termination of pregnancy',
      '415262008': 'Referral for termination of pregnancy',
      '769411000000104': 'Self-referral to termination of pregnancy service',
      '29682007': 'Dilation and curettage for termination of pregnancy',
      '274973002': 'Dilation of cervix and curettage for termination of pregnancy',
      '391897002': 'Aspiration curettage for termination of pregnancy',
      '18391007': 'Elective abortion',
      '39406005': 'Legally induced abortion',
      '49632008': 'Illegally induced abortion',
      '31207002': 'Self-induced abortion',
      '609492009': 'Induced termination of pregnancy without complication',
      '609446006': 'Induced termination of pregnancy with complication',
      '57797005': 'Induced abortion',
      '285409006': 'Medical termination of pregnancy',
    },
    unchecked: ['57797005', '285409006'],
  },
  {
    marking: 'assisted-conception',
    source: 'Human Fertilisation and Embryology Act 1990, section 33A',
    concepts: {
      '63487001': 'Assisted fertilisation',
      '52637005': 'In vitro fertilisation',
      '58533008': 'Artificial insemination',
      '176843009': 'Gamete intrauterine transfer',
      '10231000132102': 'Pregnancy after in vitro fertilisation',
      '1148894007': 'Venous thrombosis following assisted fertilisation',
    },
  },
  {
    marking: 'gender-recognition',
    source: 'Gender Recognition Act 2004, section 22; RCGP: gender reassignment',
    concepts: {
      '407374003': 'Transsexual',
      '407375002': 'Surgically transgendered transsexual',
      '407376001': 'Male-to-female transsexual',
      '407377005': 'Female-to-male transsexual',
      '93461009': 'Gender dysphoria',
    },
  },
  {
    marking: 'child-protection',
    source: 'Child Protection – Information Sharing (DCB1609)',
    concepts: {
      '342191000000101': 'Subject to child protection plan',
      '764841000000100': 'Looked after child',
      '818901000000100': 'Unborn child subject to child protection plan',
    },
  },
];

/**
 * What HL7's sensitivity codes mean for us (http://terminology.hl7.org/CodeSystem/v3-ActCode, `_InformationSensitivityPolicy`). Whoever put one on wants care to be
 * taken: where there is no rule of its own for it, it counts as restricted. Domestic violence and abuse are on a need to know, as child protection is.
 */
export const SENSITIVITY_CODES: Readonly<Partial<Record<Marking, string>>> = {
  sti: 'STD HIV',
  'child-protection': 'SDV VIO',
  restricted:
    'ETH ETHUD OPIOIDUD SUD TBOO PSY PSYTHPN MH BH EMOTDIS COGN DVD SEX GDIS SICKLE MST SCA SPI ADOL CEL DIA DRGIS EMP PDS PHY PRS ' +
    'DEMO DOB GENDER LIVARG MARST RACE REL B EMPL LOCIS SSP COMPT',
};
