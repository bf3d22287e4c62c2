import { HEADER_FIELDS } from '@palmkey/envelope';
import { storedColumns } from './store/schema.ts';

/** One thing that whoever runs the relay can know. */
export interface Sight {
  /**
   * `store`: on disk until the device is forgotten. `frame`, `socket`, `rendezvous`: while it passes. `mail`: as long as
   * mail waits. `chain`: while links are posted and fetched. `bus`: between the nodes of one relay. `github`: while a person signs in with it. `push`: what it tells
   * push services. `metrics`: counts. `log`: as long as logs are kept.
   */
  readonly where:
    'store' | 'frame' | 'socket' | 'rendezvous' | 'mail' | 'chain' | 'bus' | 'github' | 'push' | 'metrics' | 'log';
  /** The column, the field, or the thing. */
  readonly what: string;
  /** What it tells. */
  readonly tells: string;
}

/** The subjects on which the nodes of a relay talk, by what stands after their prefix, and what each tells. */
export const busSubjects = {
  all: 'which device of which account is at which node, which were removed, blocked or moved to another account, which chain has which head, at which rendezvous something was left',
  node: 'the same, said to one node that has come',
  frame: 'live frames on their way to another node, as above',
  back: 'that a live frame found nobody',
  awake: 'whether a device at another node takes what is sent to it, asked before it is woken',
  mail: 'mail as it is stored: whom it is for, its frame as above, until when it is of use',
  stored: 'the same, for the node where its recipient is',
  taken: 'which mail was stored, for the node that asked for it',
  expired: 'whose mail for whom was not read in time',
} as const;

/** The fields of a log line, besides its time, level, process and message. */
export const logFields = {
  device: "the first 8 hexadecimal digits of a device's id",
  from: 'the same, of who wakes a device by push',
  to: 'the same, of who is woken',
  address: 'the network address of a connection or a request',
  method: 'the method of an HTTP request',
  route: 'which kind of request was made, without its id',
  status: 'how it was answered',
  code: 'with which error a connection ended',
  answer: 'what became of a push',
  cause: 'why a push service could not be reached',
  reason: 'why GitHub does not accept the relay',
  listed: "a name of the operator's own list that is another's at GitHub than when it was first met",
  on: 'whether a device has push on',
  port: 'where the relay listens',
  admission: 'whom the relay admits',
  err: "a fault of the relay's own: its kind, words and place, in which long names are cut",
} as const;

/**
 * Everything the relay sees and stores. Columns, header fields, the bus's subjects and the log's fields are taken from
 * where they are defined; a test runs a relay and holds each of them, and the rest, against what it finds.
 */
export const sees: readonly Sight[] = [
  ...Object.entries(storedColumns).flatMap(([table, columns]) =>
    Object.entries(columns).map(([column, tells]): Sight => ({ where: 'store', what: `${table}.${column}`, tells })),
  ),
  ...HEADER_FIELDS.map(({ name, tells }): Sight => ({ where: 'frame', what: name, tells })),
  { where: 'frame', what: 'body', tells: 'its padded size, its inner list of recipients’ ids, and when it passed' },
  { where: 'socket', what: 'address', tells: 'the network address from which a device connects' },
  { where: 'socket', what: 'keys', tells: "the device's two public keys, and its signature over the challenge" },
  { where: 'socket', what: 'origin', tells: 'the name by which the device reached the relay' },
  { where: 'socket', what: 'times', tells: 'when a device is connected, and over which transport' },
  { where: 'socket', what: 'grant', tells: 'by which rendezvous, invitation or member it was let in' },
  { where: 'socket', what: 'cursor, acks', tells: 'how far a device has read its mail' },
  { where: 'mail', what: 'count, size, age', tells: 'how much waits for a device, from whom, and since when' },
  { where: 'rendezvous', what: 'id', tells: 'that a pairing is under way, and which device opened it' },
  { where: 'rendezvous', what: 'sender, seqno', tells: 'two random names and the order of their messages' },
  { where: 'rendezvous', what: 'msg', tells: 'the sizes and times of boxes that it cannot open' },
  { where: 'rendezvous', what: 'address', tells: 'the network addresses that leave and fetch messages' },
  { where: 'chain', what: 'links', tells: 'what its links say, as above: replay reads them to refuse what is wrong' },
  { where: 'chain', what: 'address', tells: 'the network addresses that fetch a chain, and from which link on' },
  ...Object.entries(busSubjects).map(([what, tells]): Sight => ({ where: 'bus', what, tells })),
  { where: 'github', what: 'number, login', tells: 'who a person is at GitHub, where they sign in with it' },
  { where: 'github', what: 'memberships', tells: 'whether they have joined an organisation that the operator named' },
  { where: 'push', what: 'endpoint', tells: 'which registration is meant, and so which browser of which person' },
  { where: 'push', what: 'times', tells: 'when a device that is away is woken, and for how long that is worth it' },
  { where: 'push', what: 'body', tells: 'its padded size; encrypted once more, to the browser' },
  { where: 'push', what: 'contact, key', tells: 'which relay it is, and whom its operator named' },
  {
    where: 'metrics',
    what: 'palmkey_*',
    tells:
      'how many there are of connections, frames, errors, messages, posts and pushes; nothing that tells devices apart',
  },
  ...Object.entries(logFields).map(([what, tells]): Sight => ({ where: 'log', what, tells })),
];
