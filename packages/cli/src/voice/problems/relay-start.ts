/** Words for a relay that does not start. */
import type { RelayStartFault } from '@palmkey/relay';
import { shown, type Say } from './words.ts';

export const relayStartProblems = {
  'port-in-use': (detail) => ({
    problem: `port ${shown(detail.port)} is taken by another program`,
    todo: 'Choose another with --port. Phones and computers that were paired here know this one',
    exit: 'failed',
  }),
  'cannot-listen': (detail) => ({
    problem: `cannot listen on ${shown(detail.listen)}, port ${shown(detail.port)}`,
    todo: 'Choose an address of this computer with --listen; ports below 1024 are for the system',
    exit: 'failed',
  }),
  'open-to-anyone': (detail) => ({
    problem: `an open relay on ${shown(detail.listen)} would carry messages for anybody who can reach it`,
    todo: 'If that is what you want, add --open-to-anyone; otherwise --admission members',
    exit: 'usage',
  }),
  'no-origin': (detail) => ({
    problem: `a relay on ${shown(detail.listen)} has to know by which address it is reached`,
    todo: 'Say it with --public-url https://…',
    exit: 'usage',
  }),
  'bad-origin': (detail) => ({
    problem: `${shown(detail.url)} is not an address that a relay could have`,
    todo: 'It is an https address without a path, like https://relay.example.org',
    exit: 'usage',
  }),
  'bad-push': () => ({
    problem: 'what was said about push is not of its form',
    todo: 'The contact is mailto:you@example.org or an https address; a push service is a host, with or without a port; its certificate is PEM',
    exit: 'usage',
  }),
  'newer-store': (detail) => ({
    problem: `${shown(detail.path)} was written by a newer Palmkey`,
    todo: 'Update this one; nothing was changed',
    exit: 'failed',
  }),
  'no-store': (detail) => ({
    problem: `cannot open the relay’s store ${shown(detail.path)}`,
    todo: 'A file: is the folder yours, and is there space left? PostgreSQL: does it run, and is it reached from here?',
    exit: 'failed',
  }),
  'bad-store': (detail) => ({
    problem: `what the store’s URL says of TLS cannot be: ${shown(detail.path)}`,
    todo: 'sslmode is disable, require, verify-ca or verify-full; verify-ca needs sslrootcert; sslcert and sslkey go together; all three are paths of PEM files',
    exit: 'usage',
  }),
  'store-login': (detail) => ({
    problem: `the PostgreSQL at ${shown(detail.path)} does not let this relay in`,
    todo: 'Are user, password and database right, and does its pg_hba.conf allow them from here? With hostssl there, the URL needs sslmode=verify-full',
    exit: 'failed',
  }),
  'store-tls': (detail) => ({
    problem: `no TLS with the PostgreSQL at ${shown(detail.path)}: it offers none, or its certificate is not good`,
    todo: 'Is ssl on there? The certificate must be for the host in the URL, and from an authority that this system or sslrootcert has',
    exit: 'failed',
  }),
  'bad-bus': () => ({
    problem: 'the bus is not the address of a NATS server',
    todo: 'It looks like nats://host:4222, or tls://user:password@a:4222,b:4222,c:4222?replicas=3 for a cluster',
    exit: 'usage',
  }),
  'bad-bus-credentials': () => ({
    problem: 'the credentials for the bus cannot be used',
    todo: 'They are a user’s seed (SU…) or a .creds file, whole, and then the bus’s URL has no user and no token',
    exit: 'usage',
  }),
  'no-bus': (detail) => ({
    problem: `the NATS at ${shown(detail.bus)} is not reached`,
    todo: 'Does nats-server run there, is its port reached from here, and if it asks for a certificate, was --bus-certificate-file given?',
    exit: 'failed',
  }),
  'bus-login': (detail) => ({
    problem: `the NATS at ${shown(detail.bus)} does not let this relay in`,
    todo: 'Give what its configuration asks for: user and password or a token in --bus, or --bus-credentials-file',
    exit: 'failed',
  }),
  'bus-tls': (detail) => ({
    problem: `no TLS with the NATS at ${shown(detail.bus)}: it offers none, or its certificate is not good`,
    todo: 'The certificate must be for a host in --bus, and from an authority that this system or --bus-ca-file has',
    exit: 'failed',
  }),
  'bus-keeps-no-mail': (detail) => ({
    problem: `the NATS at ${shown(detail.bus)} keeps no mail for this relay`,
    todo: 'Is JetStream switched on (-js) for this user, is there room on its disk, and has it as many servers as replicas says?',
    exit: 'failed',
  }),
  'no-app': (detail) => ({
    problem: `the phone app is not built: ${shown(detail.app)} is missing`,
    todo: 'Run npm run setup in the folder of this copy, then try again',
    exit: 'not-set-up',
  }),
} as const satisfies Record<RelayStartFault, Say>;
