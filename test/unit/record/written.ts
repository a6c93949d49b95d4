import type { Contribution } from '../../../shared/record/contribution.ts';

/** What was written with each version of the dictionary when it was new. Add to it, and never change what is here. */
export const WRITTEN_WITH: readonly {
  readonly dictionary: number;
  readonly manifestDigest: string;
  readonly bodyDigest: string;
  readonly manifest: string;
  readonly body: string;
  readonly contribution: Contribution;
}[] = [
  {
    dictionary: 1,
    manifestDigest: 'ccf7a7cbcea89fccff61d5d6c3356f9bc5b97c359435c0b20306cf9b68ebdc02',
    bodyDigest: 'e9b4366683000f272c9dac8e7e738c02395f747017443a4a649acc81bce81d6f',
    manifest:
      'AQAAAvhMDFgPtG+Bbm8BrtHtVYM79IpphXgFVyWdM8FbHULprMpqLw1BJrOYtnnOKLUv/WA+AA0EAFJGExWQNXmbDf1mpv6d2NqSUsLSTT13sxxFgVvkL3hP1NszazjlfZFnWStcgece9jk31KroODOZM5Csj6M2fAI0JgwONa8m1u+rawRAdzAiEwAgD9hByyb3SIyFopGwg4tFlmwHBArIgAgTQLgky2kpwwrX6SwPfSjC4yQGcQqRmQ==',
    body: 'KLUv/WC4Bl0LACKNKiNAa5wDv7Z+22f/E7XbQq4c50nAPSfkDUOS/TJcm25jGYadC4+EB5K4hPrli3BK1w3ux9nSA5vHHRNqR3sNQSbNOC9jywa3hWyJoz4YSEixFk4ZwRczWkDNraHTmWIeOjaoncPkQWFQILA0kmO/jlhldRlX60wV23WlLMAq9p9d97FbBGRgHud51orYogoLI3FPYgj8vbsqX1XpslXKJq4Wb1fKtu+ZIgFIPCBAwolonDp2qS8vA/mfhksfRkTQ5IHAj4hcTP3oqBA7YK05aH44gLkd+LDA1c3A6HvDGGYAdUPgjIpQ6TRQQ0lnFnlH/Hnb2Udu5HUSCOzqJYDRA1GQexDIEhrswxuyCNj3BwEO0AcIwjcch2A/g18OmSuJAA75EcYJgEKur8EXcwFXpYdLyqD2NSEkCwE2rES5OZAuMPJJBpPjQHumaBhDpg0Gm5HAFy/BhDnC14sUwXDcc9KL6muA7IQyQA==',
    contribution: {
      subject: '2hajahstbvay74lo5xotaivphv',
      sequence: 1,
      recordedAt: '2026-01-02T03:04:05.678Z',
      contributor: 'uhd',
      client: 'a-client',
      source: 'main',
      requestId: '1b4e28ba-2fa1-4d2b-883f-0016d3cca427',
      fragments: [
        {
          fragmentId: '7bgaywapwrxyc3tp',
          type: 'Observation',
          action: 'created',
          hash: 'hXgFVyWdM8FbHULp',
          version: 1,
          section: 'findings',
          date: '2025-03-03T08:17:53.037Z',
          codes: ['http://snomed.info/sct|86290005'],
          labels: [],
          sourceTime: '2025-03-03T08:17:53.037Z',
          sourceVersion: '1',
        },
        {
          fragmentId: 'agxnd3kvqm57jctj',
          type: 'Condition',
          action: 'created',
          hash: 'rMpqLw1BJrOYtnnO',
          version: 1,
          section: 'findings',
          date: '2025-03-03',
          codes: ['http://snomed.info/sct|13645005'],
          labels: [],
          sourceTime: '2025-03-03T09:24:33.074Z',
          sourceVersion: '1',
        },
      ],
      bodies: [
        '{"resourceType":"Observation","id":"2hajahstbvay74lo5xotaivphv.7bgaywapwrxyc3tp","meta":{"versionId":"1","lastUpdated":"2026-01-02T03:04:05.678Z","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation-VitalSigns"],"tag":[{"system":"urn:chesil:organisation","code":"uhd"}]},"identifier":[{"system":"https://uhd.nhs.uk/observations","value":"35676a74-6a6b-6874-7573-336c336d676c"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"86290005","display":"Respiratory rate"}]},"subject":{"reference":"Patient/2hajahstbvay74lo5xotaivphv"},"effectiveDateTime":"2025-03-03T08:17:53.037Z","performer":[{"reference":"Practitioner/uhd.fgj3g5s22qqoqmvi"}],"valueQuantity":{"value":17,"unit":"breaths/minute","system":"http://unitsofmeasure.org","code":"/min"}}',
        '{"resourceType":"Condition","id":"2hajahstbvay74lo5xotaivphv.agxnd3kvqm57jctj","meta":{"versionId":"1","lastUpdated":"2026-01-02T03:04:05.678Z","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Condition"],"tag":[{"system":"urn:chesil:organisation","code":"uhd"}]},"identifier":[{"system":"https://dch.nhs.uk/problems","value":"73656665-7974-6275-3562-6f7374716267"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active","display":"Active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed","display":"Confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item","display":"Problem List Item"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"13645005","display":"Chronic obstructive lung disease"}],"text":"COPD, moderate, two exacerbations this winter"},"subject":{"reference":"Patient/2hajahstbvay74lo5xotaivphv"},"onsetDateTime":"2025-03","recordedDate":"2025-03-03T09:24:33.074Z","recorder":{"identifier":{"system":"https://fhir.hl7.org.uk/Id/gmc-number","value":"C7000002"},"display":"Dr Example"},"note":[{"text":"Rescue pack at home. Inhaler technique checked with her daughter."}]}',
      ],
    },
  },
];
