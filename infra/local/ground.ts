import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isOutOfRoom } from './data-folder/fault.ts';
import { keepOnce } from './data-folder/json-file.ts';
import { refuseItemConditions } from './engine/access.ts';
import { createRoomRule, type RoomRule } from './engine/room-rule.ts';
import { describeTable, type TableDescription } from './engine/tables.ts';
import { type FunctionDescription, functionsOf } from './functions/description.ts';
import { type Api, readApi } from './gateway/api.ts';
import { type Credentials, createCredentials } from './iam/credentials.ts';
import type { Principal } from './iam/model.ts';
import { type Policies, policiesOf } from './iam/policies.ts';
import { compileStatements } from './iam/statements.ts';
import type { Report } from './report.ts';
import { type Place, resourcesOf } from './resource.ts';
import type { Room } from './room/room.ts';
import type { Addresses } from './template/known-type.ts';
import { readTemplate, type Template } from './template/template.ts';

/** What every part of the runtime stands on. */
export interface Ground {
  readonly template: Template;
  readonly resources: Template['resources'];
  readonly place: Place;
  readonly policies: Policies;
  readonly api: Api;
  readonly credentials: Credentials;
  readonly tables: readonly TableDescription[];
  readonly dataDir: string;
  readonly report: Report;
  readonly room: Room;
  readonly roomRule: RoomRule;
  readonly cleanUp: (() => unknown)[];
}

/** @throws UnsupportedTemplate when there is something in the templates that is not played */
export function prepareGround(
  assembly: string,
  addresses: Addresses,
  { dataDir, report, room, cleanUp }: Pick<Ground, 'cleanUp' | 'dataDir' | 'report' | 'room'>,
): Ground {
  const template = readTemplate(assembly, addresses);
  const { place, resources } = template;
  refuseItemConditions(resources);
  const policies = policiesOf(resources);
  const tables = resourcesOf(resources, 'AWS::DynamoDB::Table').map(describeTable);
  const api = readApi(resources, policies, place);
  const apiRoles = rolesOf(api, functionsOf(resources));
  return {
    ...{ template, resources, place, policies, api, tables, dataDir, report, room, cleanUp },
    credentials: createCredentials({ key: keptKey(dataDir) }),
    roomRule: createRoomRule({ tables, policies, place, apiRoles, operator: operatorPrincipal(place) }),
  };
}

/** Roles of the functions that an API leads to. */
function rolesOf({ methods }: Api, functions: readonly FunctionDescription[]): ReadonlySet<string> {
  const called = new Set(methods.map(({ functionArn }) => functionArn));
  return new Set(functions.filter(({ arn }) => called.has(arn)).map(({ roleArn }) => roleArn));
}

/** Reports errors, and tells the room of those that come from a full disk. */
export const reportTo =
  (report: Report, room: Room): Report =>
  (error) => {
    if (isOutOfRoom(error)) room.noteFull();
    report(error);
  };

/** Every access key is derived from it. */
function keptKey(dataDir: string): Buffer {
  const kept = keepOnce<{ key: string }>(
    join(dataDir, 'keys', 'access.json'),
    ({ key }) => typeof key === 'string' && Buffer.from(key, 'base64').length === 32,
    () => ({ key: randomBytes(32).toString('base64') }),
  );
  return Buffer.from(kept.key, 'base64');
}

/** May do everything that no resource itself denies: for whoever runs the machine. */
export const operatorPrincipal = ({ account }: Place): Principal => ({
  kind: 'function',
  arn: `arn:aws:iam::${account}:role/operator`,
  sessionArn: `arn:aws:sts::${account}:assumed-role/operator/local`,
  account,
  statements: compileStatements({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, 'operator'),
});
