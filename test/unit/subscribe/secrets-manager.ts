import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/** Secrets Manager in memory, as far as subscriptions use it. */
export function secretsManager(): SecretsManagerClient {
  const kept = new Map<string, string>();
  const refuse = (name: string) => {
    throw Object.assign(new Error(name), { name });
  };
  const send = async (command: { readonly input: Record<string, string> }) => {
    const { input } = command;
    const name = (input.SecretId ?? input.Name)!;
    if (command instanceof CreateSecretCommand)
      return kept.has(name) ? refuse('ResourceExistsException') : kept.set(name, input.SecretString!);
    if (!kept.has(name)) return refuse('ResourceNotFoundException');
    if (command instanceof DeleteSecretCommand) return kept.delete(name);
    if (command instanceof PutSecretValueCommand) return kept.set(name, input.SecretString!);
    return { SecretString: kept.get(name) };
  };
  return { send } as unknown as SecretsManagerClient;
}
