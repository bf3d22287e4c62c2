import { decodeLinks, encodeLinks } from '@palmkey/chain';
import { fromHex, parseAgreementPublicKey, parseDeviceId, toHex } from '@palmkey/envelope';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { encodePassphraseStream } from '../account/index.ts';
import type { FakeChain } from '../testing/fixed-account.ts';
import { fixedAgreement, fixedDevice } from '../testing/fixed-keys.ts';
import { platformSha256 } from '../testing/platform-sha256.ts';
import { wayStage } from '../testing/way-stage.ts';
import { codeCommitment, joiningCode } from './joining-code.ts';
import { openPassphraseStream } from './passphrase-box.ts';
import { failedSchema } from './rpc.ts';
import { encodeFrame, FrameReader } from './rpc-frames.ts';
import type { SessionId } from './session.ts';
import { hashNames, isTaken } from './taken-names.ts';
import type { JoinPost } from './way-ports.ts';
import {
  codeSchema,
  countersignedSchema,
  helloAnswerSchema,
  helloSchema,
  joinedSchema,
  METHODS,
  parseMessage,
  startSchema,
} from './wire.ts';

const schemas = {
  start: startSchema,
  failed: failedSchema,
  hello: helloSchema,
  helloAnswer: helloAnswerSchema,
  code: codeSchema,
  countersigned: countersignedSchema,
  joined: joinedSchema,
};
interface Message {
  name: string;
  place: keyof typeof schemas;
  frame: string;
}
/** The frames of a joining up to the last that is looked at, and what differs from {@link wayStage}. */
interface Joining {
  name: string;
  hello: string;
  answer?: string;
  share?: string;
  countersigned?: string;
  before?: string;
  y?: string;
}
interface Page {
  session: string;
  takenNames: { names: string[]; hashes: string; taken: string[]; free: string[] };
  codes: { signed: string; dhPublicKey: string; nonce: string; commitment: string; code: string }[];
  passphraseStream: {
    agreementPrivate: string;
    stream: { generation: number; salt: string; bytes: string };
    sealed: string;
    invalid: { name: string; sealed: string }[];
  };
  messages: Message[];
  invalidMessages: Message[];
  joinings: { valid: (Joining & { after: string; stream: object | null })[]; invalid: (Joining & { code: string })[] };
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

  it('gives the code that both show, which is another for another key and another share', () => {
    const codes = page.codes.map(({ signed, dhPublicKey, nonce, commitment }) => {
      const key = parseAgreementPublicKey(fromHex(dhPublicKey));
      expect(toHex(codeCommitment(session, fromHex(nonce)))).toBe(commitment);
      return joiningCode(session, fromHex(nonce), { sibkeySigBodySigned: fromHex(signed), dhPublicKey: key });
    });
    expect(codes).toEqual(page.codes.map(({ code }) => code));
    expect(new Set(codes).size).toBe(3);
    for (const code of codes) expect(code).toMatch(/^\d{6}$/);
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

/** The frames that X and Y really send, in their order, each as the vector has it where there is one in its place. */
async function walked({ hello, answer, share, countersigned, before, y: sender }: Partial<Joining>) {
  const given = [hello, answer, share, countersigned];
  const sent: string[] = [];
  const stage = await wayStage(2, (frame) => {
    const isOther = frame.is === 'notify' && frame.method !== METHODS.code;
    if (isOther || sent.length === given.length) return frame;
    const instead = given[sent.length];
    sent.push(toHex(encodeFrame(frame)));
    const [other = frame] = instead === undefined ? [] : new FrameReader().push(fromHex(instead));
    return other;
  });
  const links = before === undefined ? null : decodeLinks(fromHex(before));
  const chain = links === null ? {} : { chain: { ...bound(stage.chain), links: () => Promise.resolve(links) } };
  const device = sender === undefined ? {} : { device: await fixedDevice('home member 2') };
  const sessions = {
    x: stage.session(stage.x.id),
    y: stage.session(parseDeviceId(fromHex(sender ?? toHex(stage.y.id)))),
  };
  const ends = await stage.run({ y: { ...chain, ...device }, sessions });
  return { ends, sent, stage };
}
const bound = (chain: FakeChain) => ({
  prepare: () => chain.prepare(),
  previousSeeds: () => chain.previousSeeds(),
  post: (join: JoinPost) => chain.post(join),
});

describe('vectors/way.json: joinings', () => {
  const { valid, invalid } = page.joinings;

  it('are the frames that X and Y make, up to what is random in the last', async () => {
    const [whole] = valid;
    const { ends, sent, stage } = await walked({});
    expect(ends).toEqual(['done', 'done']);
    expect(sent.slice(0, 3)).toEqual([whole?.hello, whole?.answer, whole?.share]);
    expect(toHex(encodeLinks(stage.chain.all))).toBe(whole?.after);
  });

  it.each(valid)('end well $name', async (joining) => {
    const { ends, stage } = await walked(joining);
    expect(ends).toEqual(['done', 'done']);
    expect(toHex(encodeLinks(stage.chain.all))).toBe(joining.after);
    expect(stage.log.saved?.passphraseStream === null).toBe(joining.stream === null);
  });

  it.each(invalid)('end with $code for $name', async ({ code, ...joining }) => {
    const { ends, stage } = await walked(joining);
    expect(ends.map((end) => end.split(' @ ')[0])).toContain(code);
    expect([stage.log.saves, stage.chain.posts.length]).toEqual([0, 0]);
  });
});
