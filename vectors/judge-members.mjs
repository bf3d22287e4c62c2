/** What the readers find of `members.json`: parts as `judge.mjs` has them. */
import { bytes, hex, without } from './hexed.mjs';
import {
  factsHash,
  factsOf,
  foldName,
  importPerUserKeys,
  isAccountName,
  isSamePassphrase,
  openAccountData,
  openLocked,
  openMemberRecord,
  passphraseStream,
  perUserKeys,
  readCarried,
  readMove,
  readPhrase,
  x25519Of,
} from './read-members.mjs';
import { deviceId } from './verify-chain.mjs';

const imported = ({ devices, generations }, box, previous) => {
  const { receiver } = devices;
  const result = importPerUserKeys({
    box: bytes(box),
    previous: previous.map(bytes),
    receiver: { id: bytes(receiver.id), agreementPrivate: bytes(receiver.agreementPrivate) },
    generations,
    members: new Map(Object.values(devices).map((device) => [device.id, device])),
  });
  return result.seeds ?? result.code;
};
const seedOf = ({ generations }, generation) => bytes(generations[generation - 1].seed);
const record = (page, { account, generation, by }, { name, sealed }) =>
  openMemberRecord({
    account: bytes(account),
    generation,
    seed: seedOf(page, generation),
    record: name,
    sealed: bytes(sealed),
    by: { id: bytes(by.id), signingKey: bytes(by.signingKey) },
  });

function factsAndHash({ salt, bytes: encoded }) {
  const hash = factsHash(bytes(encoded), bytes(salt));
  return { ...factsOf(bytes(encoded), bytes(salt), hex(hash)), hash };
}
function locking({ passphrase, generation, salt, carried, locked }) {
  const stream = passphraseStream(passphrase, bytes(salt));
  const opened = openLocked({ generation, salt: bytes(salt), stream }, bytes(locked));
  return { stream, key: stream.subarray(64, 96), ...opened, carried: readCarried(bytes(carried)) };
}
const publicOfDevice = ({ agreementPrivate, signingKey }) => {
  const agreementKey = x25519Of(bytes(agreementPrivate));
  return { agreementPrivate, signingKey, agreementKey, id: deviceId({ signingKey, agreementKey: hex(agreementKey) }) };
};

/** The parts of `members.json`. */
export const members = {
  generations: {
    finds: (vector, { generations }) => ({
      generation: generations.indexOf(vector) + 1,
      ...perUserKeys(bytes(vector.seed)),
    }),
    says: (vector) => without(vector, 'seed'),
  },
  devices: {
    finds: ({ sender, receiver }) => ({ sender: publicOfDevice(sender), receiver: publicOfDevice(receiver) }),
    says: (devices) => devices,
  },
  box: {
    finds: (box, page) => imported(page, box, page.previous),
    says: (_, { generations }) => generations.map(({ seed }) => seed),
  },
  previous: {
    finds: (_, page) => imported(page, page.box, page.previous),
    says: (_, { generations }) => generations.map(({ seed }) => seed),
  },
  invalidImports: {
    finds: ({ box, previous }, page) => imported(page, box, previous),
    says: ({ code }) => code,
    contrary: ({ box, previous }) => ({ box, previous }),
  },
  data: {
    finds: ({ account, generation, record: name, sealed }, page) =>
      openAccountData({
        account: bytes(account),
        generation,
        seed: seedOf(page, generation),
        record: name,
        sealed: bytes(sealed),
      }),
    says: ({ plaintext }) => plaintext,
  },
  'memberRecords.records': {
    finds: (vector, page) => record(page, page.memberRecords, vector),
    says: ({ counter, body }) => ({ counter, body }),
    open: [],
  },
  'memberRecords.invalid': {
    finds: ({ sealed }, page) => record(page, page.memberRecords, { name: page.memberRecords.records[0].name, sealed }),
    says: () => null,
    contrary: ({ memberRecords }) => ({ sealed: memberRecords.records[0].sealed }),
  },
  move: {
    finds: ({ notice, signingKey }) => readMove(bytes(notice), bytes(signingKey)),
    says: (vector) => ({ ...without(vector, 'notice', 'signingKey'), v: 1 }),
  },
  movesOnLoopback: {
    finds: (notice, { move }) => {
      const { relay, ...read } = readMove(bytes(notice), bytes(move.signingKey)) ?? {};
      return { ...read, isHere: /^http:\/\/(?:a\.)?(?:localhost|127\.0\.0\.1|\[::1\])/.test(relay) };
    },
    says: (_, { move }) => ({ ...without(move, 'relay', 'notice', 'signingKey'), v: 1, isHere: true }),
  },
  invalidMoves: {
    finds: ({ notice }, { move }) => readMove(bytes(notice), bytes(move.signingKey)),
    says: () => null,
    contrary: ({ move }) => ({ notice: move.notice }),
  },
  facts: { finds: factsAndHash, says: (vector) => without(vector, 'salt', 'bytes'), open: [] },
  names: { finds: isAccountName, says: () => true, contrary: ({ invalidNames }) => invalidNames[0] },
  invalidNames: { finds: isAccountName, says: () => false, contrary: ({ names }) => names[0] },
  sameNames: { finds: ([a, b]) => foldName(a) === foldName(b), says: () => true },
  otherNames: { finds: ([a, b]) => foldName(a) === foldName(b), says: () => false, contrary: () => ['a', 'A'] },
  phrases: { finds: ({ phrase }) => readPhrase(phrase), says: (vector) => vector },
  typed: { finds: ({ typed }) => readPhrase(typed).phrase, says: ({ phrase }) => phrase },
  invalidPhrases: {
    finds: ({ typed }) => readPhrase(typed).code,
    says: ({ code }) => code,
    contrary: ({ phrases }) => ({ typed: phrases[0].phrase }),
  },
  passphrases: {
    finds: locking,
    says: ({ generation, contents, key, salt, stream }) => ({
      stream,
      key,
      contents,
      carried: { generation, salt, stream },
    }),
  },
  samePassphrases: { finds: ([a, b]) => isSamePassphrase(a, b), says: () => true },
  otherPassphrases: {
    finds: ([a, b]) => isSamePassphrase(a, b),
    says: () => false,
    contrary: () => ['\u00e9', 'e\u0301'],
  },
  invalidLocks: {
    finds: ({ locked }, { passphrases: [{ generation, salt, stream }] }) =>
      openLocked({ generation, salt: bytes(salt), stream: bytes(stream) }, bytes(locked)).code,
    says: ({ code }) => code,
    contrary: ({ passphrases }) => ({ locked: passphrases[0].locked }),
  },
  invalidCarried: {
    finds: ({ carried }) => readCarried(bytes(carried)),
    says: () => null,
    contrary: ({ passphrases }) => ({ carried: passphrases[0].carried }),
  },
};
