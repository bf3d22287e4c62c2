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
    todo: 'Is the folder yours, and is there space left?',
    exit: 'failed',
  }),
  'bad-bus': () => ({
    problem: 'the bus is not the address of a NATS server',
    todo: 'It looks like nats://host:4222, or tls://user:password@host:4222?replicas=3 for a cluster',
    exit: 'usage',
  }),
  'no-bus': () => ({
    problem: 'the bus cannot be used: NATS is not reached, does not let this relay in, or keeps no mail for it',
    todo: 'Does nats-server run, with JetStream (-js) and room on its disk? Are user and password right?',
    exit: 'failed',
  }),
  'no-app': (detail) => ({
    problem: `the phone app is not built: ${shown(detail.app)} is missing`,
    todo: 'Run npm run setup in the folder of this copy, then try again',
    exit: 'not-set-up',
  }),
} as const satisfies Record<RelayStartFault, Say>;
