/**
 * What the readers find of `provisioning.json`, `way.json`, and the links of `pairing.json`: parts as `judge.mjs` has
 * them.
 */
import { bytes, hex, without } from './hexed.mjs';
import { payloadOf, readJoinPayload, readPairingPayload } from './read-codes.mjs';
import { readFrame, readPacket } from './read-joining.mjs';
import { agree, exchange, readShare, readTyped, rendezvousOfCode, stretch } from './read-suites.mjs';
import { codeCommitment, isTaken, joiningCode, judgeJoining, openStream, readMessage, takenName } from './read-way.mjs';
import { devicesOf, readLinks, verifyChain } from './verify-chain.mjs';

const packetOf = ({ packets }, { sender = packets.peer, seqno, packet }) => {
  const { key, session, self, peer } = packets;
  const stream = { key: bytes(key), session: bytes(session), self: bytes(self), peer: bytes(peer), next: 1 };
  return readPacket(stream, { sender: bytes(sender), seqno, message: bytes(packet) });
};

const rendezvousOf = ({ how, secret, rendezvous }) =>
  how === 'code' ? rendezvousOfCode(bytes(secret)) : bytes(rendezvous);
const exchangeOf = (vector) =>
  exchange({
    how: vector.how,
    secret: bytes(vector.secret),
    rendezvous: rendezvousOf(vector),
    randomX: bytes(vector.randomX),
    randomY: bytes(vector.randomY),
    adX: readShare(bytes(vector.messageX), 'x').associatedData,
    adY: readShare(bytes(vector.messageY), 'y').associatedData,
  });
function exchanged(vector) {
  const { how, secret, randomX, randomY } = vector;
  const found = exchangeOf(vector);
  const atY = agree(readShare(bytes(vector.messageX), 'x').share, bytes(randomY));
  const isAgreed = hex(atY) === hex(found.agreed);
  return { how, secret, rendezvous: rendezvousOf(vector), randomX, randomY, ...(isAgreed && found) };
}

function joining({ session, joinings }, { hello, answer = '', share = '', countersigned = '', before, y }) {
  const found = judgeJoining(
    {
      session: bytes(session),
      sender: bytes(joinings.x),
      receiver: bytes(y ?? joinings.y),
      before: bytes(before ?? joinings.before),
      names: joinings.names,
      agreementPrivate: bytes(joinings.agreementPrivate),
      previous: joinings.previous.map(bytes),
    },
    { hello: bytes(hello), answer: bytes(answer), share: bytes(share), countersigned: bytes(countersigned) },
  );
  return found;
}
/** What both have, and the chain after it: the one before, what X has signed, and the `subkey` of the same device. */
function joined(page, vector) {
  const { sibkey, ...found } = joining(page, vector);
  const after = readLinks(bytes(vector.after)) ?? [];
  const begins = vector.after.startsWith(page.joinings.before + hex(sibkey ?? []));
  const verdict = verifyChain(after);
  const isIn = verdict.valid && verdict.active.some(({ id }) => id === found.id);
  const { agreementKey } = devicesOf(after).get(found.id) ?? {};
  const { deviceNames, newSession } = readMessage('hello', bytes(vector.hello));
  const { dhPublicKey } = readMessage('helloAnswer', bytes(vector.answer));
  const isNext = begins && isIn && agreementKey === hex(dhPublicKey);
  const hashes = page.joinings.names.map((name) => hex(takenName(bytes(page.session), name))).join('');
  const areNames = hex(deviceNames) === hashes;
  return { ...found, newSession, after: isNext && areNames ? vector.after : 'another chain' };
}

/** The parts of `provisioning.json`. */
export const provisioning = {
  'packets.valid': {
    finds: (vector, page) => packetOf(page, vector),
    says: ({ payload }) => ({ payload }),
  },
  'packets.invalid': {
    finds: (vector, page) => packetOf(page, vector),
    says: ({ code }) => ({ code }),
    contrary: ({ packets }) => ({ ...without(packets.valid[0], 'name', 'payload'), sender: packets.peer }),
  },
  frames: {
    finds: ({ bytes: encoded }) => readFrame(bytes(encoded)),
    says: ({ frame }) => frame,
  },
  invalidFrames: {
    finds: ({ bytes: encoded }) => (readFrame(bytes(encoded)) === null ? 'bad-frame' : null),
    says: ({ code }) => code,
    contrary: ({ frames }) => ({ bytes: frames[0].bytes }),
  },
  links: {
    finds: ({ url }) => ({ ...readJoinPayload(payloadOf(url, 'join') ?? []), payload: payloadOf(url, 'join') }),
    says: (vector) => without(vector, 'url'),
  },
  invalidLinks: {
    finds: ({ payload }) => readJoinPayload(bytes(payload)).code,
    says: ({ code }) => code,
    contrary: ({ links }) => ({ payload: links[0].payload }),
  },
  typed: {
    finds: ({ text }) => readTyped(text),
    says: (vector) => without(vector, 'text'),
  },
  invalidTyped: {
    finds: ({ text }) => readTyped(text).code,
    says: ({ code }) => code,
    contrary: ({ typed }) => ({ text: typed[0].text }),
  },
  kex3: { finds: exchanged, says: (vector) => vector },
  invalidShares: {
    finds: ({ from, message }) => readShare(bytes(message), from),
    says: () => null,
    contrary: ({ kex3 }, { from }) => ({ message: from === 'x' ? kex3[0].messageX : kex3[0].messageY }),
  },
  wrongShares: {
    finds: ({ message }, { kex3 }) =>
      agree(readShare(bytes(message), 'y').share, bytes(kex3[0].randomX)) ?? 'wrong-secret',
    says: ({ code }) => code,
    contrary: ({ kex3 }) => ({ message: kex3[0].messageY }),
  },
  wrongConfirmations: {
    finds: (given, { kex3 }) => {
      const other = exchangeOf({ ...kex3[0], secret: hex(Buffer.from('zoo zone zebra')) });
      return { x: other.confirmationX, y: other.confirmationY };
    },
    says: (given) => given,
  },
  suites: {
    finds: ({ words, account }) => {
      const stretched = stretch(words, account && bytes(account));
      return { ...stretched, account: stretched.suite === 'kex2-v2' ? account : null };
    },
    says: (vector) => without(vector, 'words'),
  },
};

/** The parts of `pairing.json`. */
export const pairing = {
  links: {
    finds: ({ url }) => ({ ...readPairingPayload(payloadOf(url, 'pair') ?? []), payload: payloadOf(url, 'pair') }),
    says: (vector) => without(vector, 'url'),
  },
  invalidLinks: {
    finds: ({ payload }) => readPairingPayload(bytes(payload)).code,
    says: ({ code }) => code,
    contrary: ({ links }) => ({ payload: links[0].payload }),
  },
};

/** The parts of `way.json`. */
export const way = {
  takenNames: {
    finds: ({ names, hashes, taken, free }, { session }) => ({
      hashes: names.map((name) => hex(takenName(bytes(session), name))).join(''),
      taken: taken.map((name) => isTaken(bytes(session), bytes(hashes), name)),
      free: free.map((name) => isTaken(bytes(session), bytes(hashes), name)),
    }),
    says: ({ hashes, taken, free }) => ({ hashes, taken: taken.map(() => true), free: free.map(() => false) }),
    // Any other name that is not taken is one that is free.
    open: ['free'],
  },
  codes: {
    finds: ({ nonce, signed, dhPublicKey }, { session }) => ({
      commitment: codeCommitment(bytes(session), bytes(nonce)),
      code: joiningCode(bytes(session), bytes(nonce), bytes(signed), bytes(dhPublicKey)),
    }),
    says: ({ commitment, code }) => ({ commitment, code }),
  },
  passphraseStream: {
    finds: ({ sealed, agreementPrivate }) => openStream(bytes(sealed), bytes(agreementPrivate)),
    says: ({ stream }) => stream,
    open: ['invalid'],
  },
  'passphraseStream.invalid': {
    finds: ({ sealed }, { passphraseStream: { agreementPrivate } }) =>
      openStream(bytes(sealed), bytes(agreementPrivate)),
    says: () => null,
    contrary: (page) => ({ sealed: page.passphraseStream.sealed }),
  },
  messages: {
    finds: ({ place, frame }) => readMessage(place, bytes(frame)),
    says: ({ value }) => value,
  },
  invalidMessages: {
    finds: ({ place, frame }) => readMessage(place, bytes(frame)),
    says: () => null,
    contrary: ({ messages }, { place }) => ({ frame: messages.find((each) => each.place === place).frame }),
  },
  'joinings.valid': {
    finds: (vector, page) => joined(page, vector),
    says: (vector) => without(vector, 'name', 'hello', 'answer', 'share', 'countersigned'),
  },
  'joinings.invalid': {
    finds: (vector, page) => joining(page, vector).refused,
    says: ({ code }) => code,
    contrary: ({ joinings }) => ({ ...without(joinings.valid[0], 'name'), before: joinings.before, y: joinings.y }),
  },
};
