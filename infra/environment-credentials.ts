/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles. Lambda hands a function its credentials in the
 * environment, so the chain of files, metadata services and single sign-on is 130 kB that never runs.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new Error('the environment holds no AWS credentials');
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
};
