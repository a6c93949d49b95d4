import { refuseCall, type ServiceRefusal } from '../../endpoint/service.ts';

const modelled = (name: string, message: string, queryCode = `AWS.SimpleQueueService.${name}`): ServiceRefusal =>
  refuseCall(`com.amazonaws.sqs#${name}`, message, { queryCode });

/** What SQS refuses with: error names of the service model, with the code that SDKs of the older protocol know. */
export const REFUSALS = {
  noQueue: modelled('QueueDoesNotExist', 'The specified queue does not exist.', 'AWS.SimpleQueueService.NonExistentQueue'),
  emptyBatch: modelled('EmptyBatchRequest', 'The batch request does not contain any entries.'),
  longBatch: modelled('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.'),
  sameIds: modelled('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.'),
  badEntryId: modelled(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores, and be at most 80 long.',
  ),
  largeBatch: modelled('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.'),
  badContents: modelled(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    'InvalidMessageContents',
  ),
  badReceipt: modelled('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 'ReceiptHandleIsInvalid'),
  notInFlight: modelled('MessageNotInflight', 'The message is not in flight, so its visibility cannot be changed.'),
  purging: modelled('PurgeQueueInProgress', 'Only one PurgeQueue operation is allowed every 60 seconds.'),
} as const;

/** @param reason what is wrong with the parameter, in SQS's own words */
export const badParameter = (parameter: string, reason: string): ServiceRefusal =>
  refuseCall('InvalidParameterValue', `Value for parameter ${parameter} is invalid. Reason: ${reason}`, {
    queryCode: 'InvalidParameterValue',
  });

export const missingParameter = (parameter: string): ServiceRefusal =>
  refuseCall('MissingParameter', `The request must contain the parameter ${parameter}.`, { queryCode: 'MissingParameter' });
