/** What stands in the place of something that is not shown (http://hl7.org/fhir/R4/extension-data-absent-reason.html). */
const MASKED = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' };

/** An element without a value: of any data type that requires none of its parts. */
export const maskedElement = (): Record<string, unknown> => ({ extension: [MASKED] });

/** The text of a section must be there, and says nothing (http://hl7.org/fhir/R4/narrative.html). */
export const EMPTY_NARRATIVE = {
  status: 'empty',
  div: '<div xmlns="http://www.w3.org/1999/xhtml">Withheld</div>',
};
