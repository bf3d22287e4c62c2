import { HEADER_FIELDS } from '@palmkey/envelope';
import { storedColumns } from './store/schema.ts';

/** One thing that whoever runs the relay can know. */
export interface Sight {
  /**
   * `store`: on disk until the device is forgotten. `frame`, `request`: while it passes. `push`: what it tells push
   * services. `log`: as long as logs are kept.
   */
  readonly where: 'store' | 'frame' | 'socket' | 'rendezvous' | 'push' | 'log';
  /** The column, the field, or the thing. */
  readonly what: string;
  /** What it tells. */
  readonly tells: string;
}

/**
 * Everything the relay sees and stores. The columns of the store and the fields of the header are taken from where
 * they are defined; tests hold the rest against the code.
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
  { where: 'socket', what: 'times', tells: 'when a device is connected' },
  { where: 'rendezvous', what: 'id', tells: 'that a pairing is under way, and which device opened it' },
  { where: 'rendezvous', what: 'sender, seqno', tells: 'two random names and the order of their messages' },
  {
    where: 'rendezvous',
    what: 'msg',
    tells: 'the sizes and times of boxes that it cannot open; in memory, an hour at most',
  },
  { where: 'rendezvous', what: 'address', tells: 'the network addresses that leave and fetch messages' },
  { where: 'push', what: 'endpoint', tells: 'which registration is meant, and so which browser of which person' },
  { where: 'push', what: 'times', tells: 'when a device that is away is woken, and for how long that is worth it' },
  { where: 'push', what: 'body', tells: 'its padded size; encrypted once more, to the browser' },
  { where: 'push', what: 'contact, key', tells: 'which relay it is, and whom its operator named' },
  { where: 'log', what: 'push', tells: 'who woke whom, by the first 8 digits, and what came of it' },
  { where: 'log', what: 'device', tells: "the first 8 hexadecimal digits of a device's id" },
  { where: 'log', what: 'address', tells: 'the network address of a connection or a request' },
  { where: 'log', what: 'route', tells: 'which kind of request was made, without its id' },
];
