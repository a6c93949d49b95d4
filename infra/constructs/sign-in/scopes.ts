import { OAuthScope, ResourceServerScope, type UserPool, type UserPoolResourceServer } from 'aws-cdk-lib/aws-cognito';
import type { CheckedSettings } from '../../settings.ts';

/** Scopes that every deployment has, beside those that its clients and apps name: whose token it is stands before the slash. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  system: ['*.cruds', '*.rs', '*.r', '*.s', '*.c', '*.u', '*.d', '*.cud'],
  user: ['*.rs', '*.r', '*.s'],
  patient: ['*.rs', '*.r', '*.s'],
  launch: ['patient'],
};

/** The pool's resource servers: `system`, `user`, `patient` and `launch`, as SMART App Launch 2.0, section 3.1 names scopes. */
export class Scopes {
  /** Every scope that a token can have, as a token has it: `system/*.rs`. */
  readonly names: readonly string[];
  private readonly servers = new Map<
    string,
    { readonly server: UserPoolResourceServer; readonly scopes: ReadonlyMap<string, ResourceServerScope> }
  >();

  constructor(userPool: UserPool, { clients, apps }: CheckedSettings) {
    const asked = [...clients, ...apps].flatMap(({ scopes }) => scopes).filter((scope) => scope.includes('/'));
    this.names = [
      ...new Set([...Object.entries(ALWAYS).flatMap(([server, names]) => names.map((name) => `${server}/${name}`)), ...asked]),
    ];
    for (const identifier of Object.keys(ALWAYS)) this.addServer(userPool, identifier);
  }

  /** @param scope one of `names`, or one that every pool has (`openid`) */
  of(scope: string): OAuthScope {
    const [identifier = '', name = ''] = split(scope);
    const { server, scopes } = this.servers.get(identifier) ?? {};
    if (server === undefined || scopes === undefined) return OAuthScope.custom(scope);
    return OAuthScope.resourceServer(server, scopes.get(name)!);
  }

  private addServer(userPool: UserPool, identifier: string) {
    const names = this.names.filter((scope) => split(scope)[0] === identifier).map((scope) => split(scope)[1]!);
    const scopes = new Map(
      names.map((name) => [name, new ResourceServerScope({ scopeName: name, scopeDescription: describe(name) })]),
    );
    const server = userPool.addResourceServer(capitalise(identifier), { identifier, scopes: [...scopes.values()] });
    this.servers.set(identifier, { server, scopes });
  }
}

const split = (scope: string): [server: string, name: string] => {
  const slash = scope.indexOf('/');
  return [scope.slice(0, slash), scope.slice(slash + 1)];
};

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const LETTERS: Readonly<Record<string, string>> = { c: 'create', r: 'read', u: 'update', d: 'retract', s: 'search' };

function describe(name: string): string {
  const [scope = '', query] = name.split('?');
  const [type = '', letters] = scope.split('.');
  if (letters === undefined) return `a ${type} chosen on launch`;
  const what = `${[...letters].map((letter) => LETTERS[letter]).join(', ')}: ${type === '*' ? 'all types' : type}`;
  // Cognito: a description has at most 256 characters.
  return query === undefined ? what : `${what} where ${query}`.slice(0, 256);
}
