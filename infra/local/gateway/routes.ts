import type { Method } from './api.ts';

/** A method that answers a path, with what the path says. */
export interface Route<T> {
  readonly method: T;
  readonly parameters: Readonly<Record<string, string>> | null;
}

export type FindRoute<T> = (httpMethod: string, path: string) => Route<T> | undefined;

interface Node<T> {
  readonly fixed: Map<string, Node<T>>;
  /** `{id}`: any one segment. */
  any?: { readonly name: string; readonly node: Node<T> };
  /** `{proxy+}`: everything that is left. */
  rest?: { readonly name: string; readonly node: Node<T> };
  readonly methods: Map<string, T>;
}

const newNode = <T>(): Node<T> => ({ fixed: new Map(), methods: new Map() });

/** API Gateway prefers what is written out to `{id}`, and that to `{proxy+}` (developer guide, "API resources"). */
export function compileRoutes<T extends Pick<Method, 'httpMethod' | 'resourcePath'>>(methods: readonly T[]): FindRoute<T> {
  const root = newNode<T>();
  for (const method of methods) {
    const node = segmentsOf(method.resourcePath).reduce(stepInto, root as Node<unknown>) as Node<T>;
    node.methods.set(method.httpMethod, method);
  }
  return (httpMethod, path) => {
    const parameters: Record<string, string> = {};
    const node = find(root, segmentsOf(path), 0, parameters);
    const method = node?.methods.get(httpMethod) ?? node?.methods.get('ANY');
    if (method === undefined) return undefined;
    return { method, parameters: Object.keys(parameters).length === 0 ? null : parameters };
  };
}

function segmentsOf(path: string): string[] {
  const trimmed = path.endsWith('/') ? path.slice(1, -1) : path.slice(1);
  return trimmed === '' ? [] : trimmed.split('/');
}

function stepInto(node: Node<unknown>, part: string): Node<unknown> {
  const name = part.slice(1, part.endsWith('+}') ? -2 : -1);
  if (part.endsWith('+}')) {
    node.rest ??= { name, node: newNode() };
    return node.rest.node;
  }
  if (part.startsWith('{')) {
    node.any ??= { name, node: newNode() };
    return node.any.node;
  }
  const child = node.fixed.get(part) ?? newNode();
  node.fixed.set(part, child);
  return child;
}

function find<T>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  parameters: Record<string, string>,
): Node<T> | undefined {
  const segment = segments[at];
  if (segment === undefined) return node;
  if (segment === '') return undefined;
  const fixed = node.fixed.get(segment);
  if (fixed !== undefined) {
    const found = find(fixed, segments, at + 1, parameters);
    if (found !== undefined) return found;
  }
  if (node.any !== undefined) {
    const found = find(node.any.node, segments, at + 1, parameters);
    if (found !== undefined) {
      parameters[node.any.name] = segment;
      return found;
    }
  }
  if (node.rest === undefined) return undefined;
  parameters[node.rest.name] = segments.slice(at).join('/');
  return node.rest.node;
}
