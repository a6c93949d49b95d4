/**
 * Why no token is issued. Cognito shows the text to whoever asked (`error_description`), so each says what to do, and none holds a name, a number or anything
 * else that was sent. The code is for logs and for the service desk.
 */
export const REFUSALS = {
  'not-for-tokens': 'Tokens are issued to systems that are registered here, and to people who sign in through their provider.',
  'client-unknown':
    'The client belongs to no organisation. Clients come from the settings of the deployment, and from nowhere else.',
  'client-left': 'The organisation of this client is no partner any more. Ask the lead organisation whether that is right.',
  'provider-unknown':
    'The service that you signed in with is not known here. Go back and choose one of those that are offered; if yours was, tell your service desk.',
  'identity-missing':
    'The service that you signed in with did not say who you are in a form that can be kept. Tell your service desk: the identifier of the user is missing.',
  'assurance-unknown':
    'The service that you signed in with did not say how you proved who you are, or in words that are not agreed. Sign in with a second factor; if you did, tell your service desk.',
  'not-proved':
    'To see a record you must have proved who you are. In NHS login choose to prove your identity in full (level P9), then sign in here again.',
  'no-nhs-number':
    'NHS login gave no valid NHS number for you, so your record cannot be found. Check your details in NHS login, or ask your GP practice.',
  'roles-unreadable':
    'The service that you signed in with sent your roles in a form that cannot be read. Tell your service desk: the list of roles or groups is cut short or malformed.',
  'no-role':
    'None of your roles or groups has a role here. Ask whoever manages roles in your organisation to give you one that is in the agreed table.',
  'role-not-held':
    'The role that you chose is not among those that you hold. Sign in again and choose another; if it stays, tell your registration authority.',
  'organisation-unknown':
    'The organisation that you act for is no partner here, or is one that your sign-in service may not speak for. Choose another role, or tell your service desk.',
  'too-many-roles': 'You hold too many roles here to list them all. Sign in again and choose one of them there.',
  'nothing-to-read':
    'This application asked for nothing that you may do here. Use the one for people to see your own record, and that of your organisation for work.',
} as const;

/** What is logged of each refusal, beside its code: an alarm tells them from failures by it. */
export const NO_TOKEN = 'no token was issued';

/** A stable code of a reason. */
export type RefusalCode = keyof typeof REFUSALS;

/** Nothing is issued, and why: a value of the functions that decide. */
export interface NoToken {
  readonly noToken: RefusalCode;
}

export const noToken = (code: RefusalCode): NoToken => ({ noToken: code });

/** Tells a refusal from what somebody is signed in as. */
export const isNoToken = (value: object): value is NoToken => 'noToken' in value;

/** A refusal as Cognito must be told it: a trigger says no by failing. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super(REFUSALS[code]);
    this.code = code;
  }
}
