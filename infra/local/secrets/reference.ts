/** What a secret holds, by its ARN or name. */
export type SecretOf = (id: string) => string | undefined;

/** CloudFormation user guide, "Get a secret or secret value from Secrets Manager": only whole values and keys of a JSON text. */
const REFERENCE = /^\{\{resolve:secretsmanager:(.+?):SecretString:([^:]*):[^:]*:[^:]*\}\}$/;

/**
 * What CloudFormation would put in the place of a dynamic reference; any other text is itself.
 *
 * @throws Error when there is no such secret
 */
export function readSecretReference(text: string, secretOf: SecretOf = () => undefined): string {
  const [, id = '', key = ''] = REFERENCE.exec(text) ?? [];
  if (id === '') return text;
  const value = secretOf(id);
  const part = value === undefined || key === '' ? value : (JSON.parse(value) as Record<string, string>)[key];
  if (part === undefined) throw new Error('a dynamic reference names a secret that is not there');
  return part;
}
