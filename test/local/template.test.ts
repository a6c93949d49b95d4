import { afterEach, describe, expect, test } from 'vitest';
import { UnsupportedTemplate } from '../../infra/local/resource.ts';
import { type Template as ReadTemplate, readTemplate } from '../../infra/local/template/template.ts';
import { type Assembly, type Resources, type Template, writeAssembly } from './assembly.ts';

const ADDRESSES = { gateway: 'http://127.0.0.1:3000', services: 'http://127.0.0.1:3001' };

let written: Assembly | undefined;
afterEach(() => written?.remove());

function read(stacks: Record<string, Template>, nested: Record<string, Template> = {}): ReadTemplate {
  written = writeAssembly({ stacks, nested });
  return readTemplate(written.folder, ADDRESSES);
}

/** A function whose environment holds the value: the simplest place in which to look at one. */
const holding = (value: unknown): Resources => ({
  Holder: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: { VALUE: value } } } },
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'letters' } },
  Table: { Type: 'AWS::DynamoDB::Table', Properties: { KeySchema: [] } },
});

function resolved(value: unknown, sections: Template = {}): unknown {
  const { resources } = read({ stack: { ...sections, Resources: { ...holding(value), ...sections.Resources } } });
  const holder = resources.find(({ logicalId }) => logicalId === 'stack/Holder');
  return (holder!.properties.Environment as { Variables: { VALUE?: unknown } }).Variables.VALUE;
}

describe('what a template says of a value', () => {
  const MAP = { Mappings: { Sizes: { 'eu-west-2': { small: 'one' } } } };
  const CONDITIONS = {
    Conditions: {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-2'] },
      There: { 'Fn::Not': [{ Condition: 'Here' }] },
      Either: { 'Fn::Or': [{ Condition: 'There' }, { 'Fn::And': [{ Condition: 'Here' }, { 'Fn::Equals': ['1', 1] }] }] },
    },
  };

  test.each<[string, unknown, unknown, Template?]>([
    ['plain text', 'as it is', 'as it is'],
    ['the name of a table without one', { Ref: 'Table' }, 'stack-Table'],
    ['the address of a queue', { Ref: 'Queue' }, 'http://127.0.0.1:3001/000000000000/letters'],
    ['an attribute', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:eu-west-2:000000000000:letters'],
    ['an attribute with a dot', { 'Fn::GetAtt': 'Queue.QueueName' }, 'letters'],
    ['pseudo parameters', { 'Fn::Join': ['/', [{ Ref: 'AWS::Partition' }, { Ref: 'AWS::StackName' }]] }, 'aws/stack'],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is how Fn::Sub is written
    [
      'a text with variables',
      { 'Fn::Sub': ['${Here}/${AWS::Region}/${Queue.QueueName}/${!kept}', { Here: { Ref: 'Table' } }] },
      'stack-Table/eu-west-2/letters/${kept}',
    ],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
    ['a choice', { 'Fn::Select': [1, { 'Fn::Split': [':', 'one:two:three'] }] }, 'two'],
    ['a mapping', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 'one', MAP],
    ['a condition that holds', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes', CONDITIONS],
    ['a condition that does not', { 'Fn::If': ['There', 'yes', { Ref: 'AWS::NoValue' }] }, undefined, CONDITIONS],
    ['base 64', { 'Fn::Base64': 'shingle' }, 'c2hpbmdsZQ=='],
    ['JSON', { 'Fn::ToJsonString': { queue: { Ref: 'Queue' } } }, '{"queue":"http://127.0.0.1:3001/000000000000/letters"}'],
    ['a parameter by its default', { Ref: 'Size' }, 'large', { Parameters: { Size: { Type: 'String', Default: 'large' } } }],
    [
      'the address of the API',
      { 'Fn::Join': ['', ['https://', { Ref: 'Api' }, '.execute-api.eu-west-2.', { Ref: 'AWS::URLSuffix' }, '/fhir/R4']] },
      'http://127.0.0.1:3000/fhir/R4',
      { Resources: { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'api' } } } },
    ],
    [
      'the address of the token endpoint',
      { 'Fn::Sub': 'https://chesil.auth.eu-west-2.amazoncognito.com/oauth2' },
      'http://127.0.0.1:3000/oauth2',
    ],
  ])('%s', (_what, written, expected, sections) => {
    expect(resolved(written, sections)).toEqual(expected);
  });

  test.each([
    ['a weak reference', { 'Fn::GetStackOutput': { StackName: 'data', Region: 'eu-west-2', OutputName: 'Name' } }],
    ['a strong reference', { 'Fn::ImportValue': 'data:Name' }],
  ])('%s to another stack', (_what, reference) => {
    const { resources } = read({
      app: { Resources: { Holder: { Type: 'AWS::Lambda::Function', Properties: { Role: reference } } } },
      data: {
        Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties: { KeySchema: [] } } },
        Outputs: { Name: { Value: { Ref: 'Table' }, Export: { Name: 'data:Name' } } },
      },
    });
    expect(resources.find(({ logicalId }) => logicalId === 'app/Holder')?.properties.Role).toBe('data-Table');
  });

  test('into a nested stack and out of it', () => {
    const nested = {
      'inner.json': {
        Parameters: { given: { Type: 'String' } },
        Resources: { Inner: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'given' } } } },
        Outputs: { Made: { Value: { 'Fn::GetAtt': ['Inner', 'QueueName'] } } },
      },
    };
    const resources: Resources = {
      Nest: {
        Type: 'AWS::CloudFormation::Stack',
        Properties: { Parameters: { given: { 'Fn::Join': ['-', ['from', 'outside']] } } },
        Metadata: { 'aws:asset:path': 'inner.json' },
      },
      Holder: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Nest', 'Outputs.Made'] } } },
    };
    const template = read({ outer: { Resources: resources } }, nested);
    expect(template.resources.find(({ type }) => type === 'AWS::Lambda::Function')?.properties.Role).toBe('from-outside');
    expect(template.resources.find(({ type }) => type === 'AWS::SQS::Queue')?.logicalId).toBe('outer-Nest/Inner');
  });
});

describe('names', () => {
  test('are the same in every start, and differ between resources of the same logical id', () => {
    const key = { Resources: { Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {} } } } };
    const refs = () => read({ one: key, two: key }).resources.map(({ ref }) => ref);
    const [first, second] = [refs(), refs()];
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  test('are cut to what the service takes, and stay apart', () => {
    const long = 'Function'.repeat(12);
    const functions = { [`${long}A`]: { Type: 'AWS::Lambda::Function' }, [`${long}B`]: { Type: 'AWS::Lambda::Function' } };
    const refs = read({ stack: { Resources: functions } }).resources.map(({ ref }) => ref);
    expect(refs.every((ref) => ref.length <= 64)).toBe(true);
    expect(refs[0]).not.toBe(refs[1]);
  });

  test('resources whose condition does not hold are not there', () => {
    const { resources } = read({
      stack: {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { Gone: { Type: 'AWS::SQS::Queue', Condition: 'Never' }, There: { Type: 'AWS::SQS::Queue' } },
      },
    });
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['stack/There']);
  });
});

describe('what the runtime does not know stops it, and it says', () => {
  const refusal = (stacks: Record<string, Template>): string => {
    try {
      read(stacks);
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedTemplate);
      return (error as Error).message;
    }
    return 'nothing was refused';
  };
  const only = (id: string, resource: Resources[string]) => ({ stack: { Resources: { [id]: resource } } });

  test('which resource types, all at once, and what to do', () => {
    const told = refusal({
      one: { Resources: { Bucket: { Type: 'AWS::S3::Bucket' } } },
      two: { Resources: { Hook: { Type: 'Custom::Hook', Properties: { Arn: { 'Fn::GetAtt': ['Gone', 'Arn'] } } } } },
    });
    expect(told).toContain('one/Bucket is of the type AWS::S3::Bucket');
    expect(told).toContain('two/Hook is of the type Custom::Hook');
    expect(told).toContain('infra/local/template/types/');
  });

  test.each([
    ['AWS::Lambda::Function', { VpcConfig: {} }, 'VpcConfig'],
    ['AWS::Lambda::EventSourceMapping', { DestinationConfig: { OnSuccess: {} } }, 'DestinationConfig.OnSuccess'],
    ['AWS::ApiGateway::Stage', { MethodSettings: [{ CachingEnabled: true }] }, 'MethodSettings.CachingEnabled'],
    ['AWS::ApiGateway::Method', { Integration: { RequestTemplates: {} } }, 'Integration.RequestTemplates'],
    ['AWS::DynamoDB::Table', { StreamSpecification: { ResourcePolicy: {} } }, 'StreamSpecification.ResourcePolicy'],
  ])('which property of %s', (Type, Properties, property) => {
    expect(refusal(only('It', { Type, Properties }))).toContain(`stack/It (${Type}) has the property ${property}`);
  });

  test.each<[string, unknown, string]>([
    ['an intrinsic function', { 'Fn::Transform': {} }, 'Fn::Transform is not known'],
    ['a resource that is not there', { Ref: 'Nobody' }, 'refers to Nobody'],
    ['an attribute', { 'Fn::GetAtt': ['Queue', 'Colour'] }, 'attribute Colour of Queue (AWS::SQS::Queue)'],
    ['a dynamic reference', '{{resolve:secretsmanager:x}}', 'dynamic references'],
    ['a stack that is not there', { 'Fn::GetStackOutput': { StackName: 'x', OutputName: 'y' } }, 'there is no stack x'],
    ['an export that nobody makes', { 'Fn::ImportValue': 'x' }, 'no stack exports x'],
    ['a pseudo parameter', { Ref: 'AWS::Weather' }, 'AWS::Weather is not known'],
  ])('%s', (_what, value, told) => {
    expect(() => resolved(value)).toThrow(told);
  });

  test('a value that depends on itself', () => {
    const name = { 'Fn::GetAtt': ['It', 'QueueName'] };
    expect(refusal(only('It', { Type: 'AWS::SQS::Queue', Properties: { QueueName: name } }))).toContain('depends on itself');
  });

  test('a parameter that nobody gives, and a section that is not read', () => {
    expect(() => resolved({ Ref: 'Size' }, { Parameters: { Size: { Type: 'String' } } })).toThrow(
      'the parameter Size has no default',
    );
    expect(refusal({ stack: { Transform: 'AWS::LanguageExtensions' } })).toContain('the section Transform');
  });

  test('an assembly without a stack', () => {
    expect(refusal({})).toContain('holds no stack');
  });
});
