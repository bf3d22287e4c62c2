import { networkInterfaces } from 'node:os';

/** This machine's network addresses, but for loopback, as one text that changes when one of them does. */
export function networkAddresses(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, found = []]) =>
    found.filter(({ internal }) => !internal).map(({ cidr, address }) => `${name} ${cidr ?? address}`),
  );
  return all.sort().join('\n');
}
