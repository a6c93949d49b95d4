import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopback, isPublic } from './addresses.ts';

/** Why an endpoint is not called. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  readonly code = 'address-refused';
}

/** Asks for every address of a name. */
export type Resolve = (hostname: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export const resolveBySystem: Resolve = (hostname) =>
  new Promise((resolve, reject) =>
    systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  );

/** The host of a URL, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** Hosts that mean this machine wherever they are asked: only where the settings name them do signals go there. */
export const isLoopbackName = (host: string): boolean => host === 'localhost' || isLoopback(host);

/**
 * Finds the address of a host for one connection. A name is asked for once and the connection goes to the very address that was checked: a name
 * server that answers differently the next time gains nothing. Where one of the answers is not public, none is called.
 * @param mayBeLoopback where the settings name this host, and it means this machine
 */
export function lookupFor(resolve: Resolve, mayBeLoopback: boolean): LookupFunction {
  const isFit = (address: string) => isPublic(address) || (mayBeLoopback && isLoopback(address));
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        if (first === undefined || !found.every(({ address }) => isFit(address)))
          return callback(new AddressRefused('the name does not stand for public addresses alone'), '', 0);
        if (options.all) return callback(null, [{ address: first.address, family: first.family }]);
        return callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

/** A host that is an address is never looked up. @throws AddressRefused where it must not be called */
export function checkLiteral(host: string, mayBeLoopback: boolean): void {
  if (isIP(host) !== 0 && !isPublic(host) && !(mayBeLoopback && isLoopback(host)))
    throw new AddressRefused('the address is not a public one');
}
