import { refuseCall } from '../endpoint/service.ts';

/** What Secrets Manager refuses with, in its own words. */
export const REFUSALS = {
  notFound: refuseCall('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
  noVersion: (what: string) =>
    refuseCall('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${what}.`),
  exists: (name: string) =>
    refuseCall('ResourceExistsException', `The operation failed because the secret ${name} already exists.`),
  tokenUsed: refuseCall(
    'ResourceExistsException',
    'You can’t use ClientRequestToken because that value is already in use for another version.',
  ),
  nameDeleted: refuseCall(
    'InvalidRequestException',
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  ),
  deleted: refuseCall(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  ),
  fixed: refuseCall('InvalidRequestException', 'The secret belongs to the template: it is changed there.'),
  noKey: refuseCall('InvalidParameterException', 'The template has no such key.'),
} as const;
