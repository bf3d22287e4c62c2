import { parseDeviceId, parseRendezvousId, parseRendezvousSender } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import type { BoxKey } from '../crypto/index.ts';
import { fixedBytes, fixedRandom } from '../testing/fixed-keys.ts';
import { MAX_PACKET_BYTES, MAX_PAYLOAD_BYTES, MAX_SEQNO, PacketReceiver, sealPacket } from './packet.ts';
import type { SessionId } from './session.ts';

const key = fixedBytes('key') as Uint8Array as BoxKey;
const session = fixedBytes('session') as Uint8Array as SessionId;
const device = (byte: number) => parseDeviceId(new Uint8Array(16).fill(byte));
const randomBytes = fixedRandom('packet');
const seal = (by: number, seqno: number, payload = new Uint8Array(1)) =>
  sealPacket(key, { sender: device(by), session, seqno }, randomBytes(24), payload);
const routed = (by: number, seqno: number) => ({
  sender: parseRendezvousSender(device(by)),
  seqno,
  message: seal(by, seqno),
});

describe('sealPacket', () => {
  it('makes of the longest payload a packet that a relay takes, and refuses a longer one', () => {
    const longest = seal(1, MAX_SEQNO, new Uint8Array(MAX_PAYLOAD_BYTES));
    expect(longest.length).toBeLessThanOrEqual(MAX_PACKET_BYTES);
    expect(() => seal(1, 1, new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'bad-packet' }),
    );
  });

  it('refuses a seqno beyond 32 bits: a session ends before its numbers do', () => {
    expect(() => seal(1, MAX_SEQNO + 1)).toThrow(expect.objectContaining({ code: 'bad-packet' }));
  });
});

describe('PacketReceiver', () => {
  it('takes the first who has the key for the peer, where no suite has named one', () => {
    const receiver = new PacketReceiver({
      id: session,
      rendezvous: parseRendezvousId(session),
      self: device(1),
      peer: null,
      writeKey: key,
      readKey: key,
      firstSeqno: 1,
      passedOver: new Set(),
    });
    expect(receiver.peer).toBeNull();
    expect(() => receiver.receive(routed(1, 1))).toThrow(expect.objectContaining({ code: 'own-packet' }));
    expect(() => receiver.receive(routed(2, 2))).toThrow(expect.objectContaining({ code: 'wrong-packet-seqno' }));
    expect(receiver.peer).toBeNull();
    receiver.receive(routed(2, 1));
    expect(receiver.peer).toEqual(device(2));
    expect(() => receiver.receive(routed(3, 2))).toThrow(expect.objectContaining({ code: 'wrong-peer' }));
    receiver.receive(routed(2, 2));
    expect(receiver.next).toBe(3);
  });
});
