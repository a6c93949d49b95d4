import { createHmac } from 'node:crypto';
import type { Principal } from './model.ts';
import { type SignatureRefusal, type SignedRequest, verifySignature } from './signature.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who holds which access key. */
export interface Credentials {
  /** The access key of a caller: the same one whenever the same deployment starts again. */
  issue(principal: Principal): AccessKey;
  /** Who signed, by access key id alone: for paths where checking the signature costs more than the call. */
  callerOf(authorization: string | undefined): Principal | undefined;
  /** Who signed, with the signature checked (Signature Version 4). */
  verify(request: SignedRequest, now: Date): Principal | SignatureRefusal;
}

const KEY_ID = /Credential=([A-Z0-9]{16,32})\//;

/** @param key 32 secret bytes of the deployment; every access key is derived from it, so that none needs to be kept */
export function createCredentials({ key }: { readonly key: Uint8Array }): Credentials {
  const holders = new Map<string, { readonly principal: Principal; readonly secretAccessKey: string }>();
  const derive = (purpose: string, name: string) => createHmac('sha256', key).update(`${purpose}\0${name}`).digest();
  const callerOf = (authorization: string | undefined) => holders.get(KEY_ID.exec(authorization ?? '')?.[1] ?? '');
  return {
    issue(principal) {
      const accessKeyId = `AKIA${derive('id', principal.sessionArn).toString('hex').slice(0, 16).toUpperCase()}`;
      const secretAccessKey = derive('secret', principal.sessionArn).toString('base64url').slice(0, 40);
      holders.set(accessKeyId, { principal, secretAccessKey });
      return { accessKeyId, secretAccessKey };
    },
    callerOf: (authorization) => callerOf(authorization)?.principal,
    verify(request, now) {
      const holder = callerOf(request.headers.authorization);
      return verifySignature(request, holder?.secretAccessKey, now) ?? holder!.principal;
    },
  };
}
