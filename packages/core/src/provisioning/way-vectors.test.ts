import { fromHex, parseAgreementPublicKey, toHex } from '@palmkey/envelope';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { encodePassphraseStream } from '../account/index.ts';
import { fixedAgreement } from '../testing/fixed-keys.ts';
import { platformSha256 } from '../testing/platform-sha256.ts';
import { joiningCode } from './joining-code.ts';
import { openPassphraseStream } from './passphrase-box.ts';
import { failedSchema } from './rpc.ts';
import { encodeFrame, FrameReader } from './rpc-frames.ts';
import type { SessionId } from './session.ts';
import { hashNames, isTaken } from './taken-names.ts';
import {
  countersignedSchema,
  helloAnswerSchema,
  helloSchema,
  joinedSchema,
  parseMessage,
  startSchema,
} from './wire.ts';

const schemas = {
  start: startSchema,
  failed: failedSchema,
  hello: helloSchema,
  helloAnswer: helloAnswerSchema,
  countersigned: countersignedSchema,
  joined: joinedSchema,
};
interface Message {
  name: string;
  place: keyof typeof schemas;
  frame: string;
}
interface Page {
  session: string;
  takenNames: { names: string[]; hashes: string; taken: string[]; free: string[] };
  code: { signed: string; dhPublicKey: string; code: string; ofAnotherKey: string };
  passphraseStream: {
    agreementPrivate: string;
    stream: { generation: number; salt: string; bytes: string };
    sealed: string;
    invalid: { name: string; sealed: string }[];
  };
  messages: Message[];
  invalidMessages: Message[];
}
const page = readPage('way') as Page;
const session = fromHex(page.session) as Uint8Array as SessionId;
const { passphraseStream, takenNames } = page;

/** What a frame carries for its method. */
function carried(hex: string): unknown {
  const [frame, ...more] = new FrameReader().push(fromHex(hex));
  expect(more).toEqual([]);
  if (frame === undefined || frame.is === 'cancel') throw new Error('no message');
  expect(toHex(encodeFrame(frame))).toBe(hex);
  return frame.is === 'answer' ? frame.result : frame.arg;
}

beforeAll(async () => {
  await sodium.ready;
});

describe('vectors/way.json', () => {
  it.each(page.messages)('takes $name', ({ place, frame }) => {
    const value = carried(frame);
    expect(parseMessage(schemas[place], value, 'offering')).toEqual(value);
  });

  it.each(page.invalidMessages)('refuses $name', ({ place, frame }) => {
    const value = carried(frame);
    expect(() => parseMessage(schemas[place], value, 'offering')).toThrow(
      expect.objectContaining({ name: 'ProvisioningError', code: 'bad-message' }),
    );
  });

  it('hashes the names that are taken, by which one can be asked for', async () => {
    const hashes = fromHex(takenNames.hashes);
    expect(toHex(hashNames(session, takenNames.names))).toBe(takenNames.hashes);
    for (const name of takenNames.taken) expect(isTaken(session, hashes, name), name).toBe(true);
    for (const name of takenNames.free) expect(isTaken(session, hashes, name), name).toBe(false);
    const digest = await platformSha256('palmkey/taken-name/1', session, 'phone');
    expect(toHex(digest).slice(0, 16)).toBe(takenNames.hashes.slice(0, 16));
  });

  it('gives the code that both show, which is another for another key', () => {
    const { signed, dhPublicKey, code, ofAnotherKey } = page.code;
    const answer = { sibkeySigBodySigned: fromHex(signed), dhPublicKey: parseAgreementPublicKey(fromHex(dhPublicKey)) };
    expect(joiningCode(session, answer)).toBe(code);
    expect(code).toMatch(/^\d{6}$/);
    expect(ofAnotherKey).not.toBe(code);
  });

  it('holds a passphrase stream that Y opens, and libsodium', async () => {
    const { agreementPrivate, stream, sealed } = passphraseStream;
    const agreement = await fixedAgreement(fromHex(agreementPrivate));
    const carried = { ...stream, salt: fromHex(stream.salt), bytes: fromHex(stream.bytes) };
    expect(await openPassphraseStream(agreement, fromHex(sealed))).toEqual(carried);
    const bytes = fromHex(sealed);
    const [ephemeral, nonce, box] = [bytes.subarray(0, 32), bytes.subarray(32, 56), bytes.subarray(56)];
    const opened = sodium.crypto_box_open_easy(box, nonce, ephemeral, fromHex(agreementPrivate));
    expect(toHex(opened)).toBe(toHex(encodePassphraseStream(carried)));
  });

  it.each(passphraseStream.invalid)('opens no stream with $name', async ({ sealed }) => {
    const agreement = await fixedAgreement(fromHex(passphraseStream.agreementPrivate));
    await expect(openPassphraseStream(agreement, fromHex(sealed))).rejects.toMatchObject({ name: 'OpenError' });
  });
});
