import { type Call, type Input, refuseCall, type Service, type ServiceRefusal } from '../endpoint/service.ts';
import { type Place, type ResolvedResource, refuseUnknownProperties, resourcesOf } from '../resource.ts';

const KNOWN = ['Name', 'Type', 'Value', 'Description', 'Tags', 'Tier', 'AllowedPattern', 'DataType'];
const MOST_PER_PAGE = 10;

const NOT_FOUND = refuseCall('ParameterNotFound', 'The parameter could not be found. Verify the name and try again.');

/** Systems Manager's parameters, as the template gives them. */
export function createParameters({
  resources,
  place,
}: {
  readonly resources: Iterable<ResolvedResource>;
  readonly place: Place;
}): Service {
  const started = Math.floor(Date.now() / 1000);
  const arnOf = (name: string) => `arn:aws:ssm:${place.region}:${place.account}:parameter/${name.replace(/^\//, '')}`;
  const parameters = new Map(
    resourcesOf(resources, 'AWS::SSM::Parameter').map((resource) => {
      refuseUnknownProperties(resource, KNOWN);
      const { Type, Value, DataType = 'text' } = resource.properties;
      const parameter = {
        Name: resource.ref,
        Type,
        Value: String(Value),
        Version: 1,
        LastModifiedDate: started,
        ARN: arnOf(resource.ref),
        DataType,
      };
      return [resource.ref, parameter] as const;
    }),
  );
  const nameOf = (name: unknown) =>
    String(name).startsWith('arn:') ? ([...parameters.values()].find(({ ARN }) => ARN === name)?.Name ?? '') : String(name);

  return {
    target: 'AmazonSSM',
    protocol: '1.1',
    actions: {
      GetParameter({ Name }: Input) {
        const name = nameOf(Name);
        const parameter = parameters.get(name);
        return {
          demands: [{ action: 'ssm:GetParameter', resource: arnOf(name) }],
          run: () => (parameter === undefined ? NOT_FOUND : { Parameter: parameter }),
        };
      },
      GetParameters({ Names }: Input) {
        const names = (Array.isArray(Names) ? Names : []).map(nameOf);
        return {
          demands: names.map((name) => ({ action: 'ssm:GetParameters', resource: arnOf(name) })),
          run: () => ({
            Parameters: names.flatMap((name) => parameters.get(name) ?? []),
            InvalidParameters: names.filter((name) => !parameters.has(name)),
          }),
        };
      },
      GetParametersByPath: (input: Input): Call | ServiceRefusal => {
        const { Path, Recursive, MaxResults = MOST_PER_PAGE, NextToken } = input;
        if (typeof Path !== 'string' || !Path.startsWith('/'))
          return refuseCall('ValidationException', 'The parameter path must begin with a slash.');
        const prefix = Path.endsWith('/') ? Path : `${Path}/`;
        const found = [...parameters.values()]
          .filter(({ Name }) => Name.startsWith(prefix) && (Recursive === true || !Name.slice(prefix.length).includes('/')))
          .sort((one, other) => (one.Name < other.Name ? -1 : 1));
        const from = Number(NextToken ?? 0);
        const to = from + Math.min(Number(MaxResults), MOST_PER_PAGE);
        return {
          demands: [{ action: 'ssm:GetParametersByPath', resource: arnOf(Path.replace(/\/$/, '')) }],
          run: () => ({ Parameters: found.slice(from, to), ...(to < found.length ? { NextToken: String(to) } : {}) }),
        };
      },
    },
  };
}
