/** What a computer reads from its own sockets and files, which any program of the person can write. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLinks } from '@palmkey/chain';
import { parseStreamId } from '@palmkey/core/messages';
import { encodeIdentities, parsePublicKey, SshFormatError, toBase64 } from '@palmkey/core/ssh';
import { concat, parseDeviceId, parseSignature, toBase64Url, toHex } from '@palmkey/envelope';
import { prepareDevice } from '@palmkey/host';
import { parseClaimLine } from '../../../packages/host/src/claims/claim-line.ts';
import { encodeLine, LineReader } from '../../../packages/host/src/control/lines.ts';
import { paths } from '../../../packages/host/src/paths.ts';
import { findSettings } from '../../../packages/host/src/setup/config-settings.ts';
import { SetupError } from '../../../packages/host/src/setup/errors.ts';
import type { SetupFiles } from '../../../packages/host/src/setup/setup-files.ts';
import { withBlock, withoutBlock } from '../../../packages/host/src/setup/include-block.ts';
import { AccountFile, type AccountPlace } from '../../../packages/host/src/state/account-file.ts';
import { StateError } from '../../../packages/host/src/state/errors.ts';
import { PairingStore } from '../../../packages/host/src/state/pairing-store.ts';
import { ReplayLog } from '../../../packages/host/src/state/replay-log.ts';
import { encodeCameThrough, parseCameThrough } from '../../../packages/host/src/upstream/came-through.ts';
import { parseIdentities } from '../../../packages/host/src/upstream/identities.ts';
import { fixedBytes, fixedDevice } from '../keys.ts';
import { hashOf, Random } from '../random.ts';
import { fromLatin1, fromUtf8, latin1, type Target, utf8 } from '../target.ts';
import { sshVectors } from '../vectors.ts';

const NOW = 1_800_000_000_000;

/** The values of control lines that arrive in chunks whose borders follow from their bytes. */
function controlLines(bytes: Uint8Array): Uint8Array | null {
  const random = new Random(hashOf(bytes));
  const reader = new LineReader();
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(random.oneIn(3) ? 1_000 : 8));
    values.push(...reader.push(Buffer.from(bytes.subarray(at, end))));
    at = end;
  }
  return values.length === 0 ? null : utf8(values.map((value) => encodeLine(Object(value) as object)).join(''));
}

function claimLine(bytes: Uint8Array): Uint8Array | null {
  const line = parseClaimLine(fromUtf8(bytes));
  if (line === null) return null;
  // What is no name has many spellings: one with a space stands for all.
  const name = line.name ?? 'no name';
  const host = line.port === 22 ? name : `[${name}]:${line.port}`;
  const { algorithm } = parsePublicKey(line.hostKey);
  return utf8(`${line.pid} HOSTNAME ${host} ${algorithm} ${toBase64(line.hostKey)}`);
}

/** Without its length. */
function identities(keys: Parameters<typeof encodeIdentities>[0]): Uint8Array {
  return encodeIdentities(keys).subarray(4);
}

/** Setup's port to a disk with nothing on it. */
const emptyDisk: SetupFiles = {
  read: () => null,
  follow: (path) => path,
  replace: () => undefined,
  remove: () => undefined,
  hasFolder: () => false,
  makeFolder: () => undefined,
  removeEmptyFolder: () => undefined,
  glob: () => [],
};

/** The person's ssh config with our block put in and taken out again; a text that has one loses it. */
function sshConfig(bytes: Uint8Array): Uint8Array {
  const { text, memory } = withoutBlock(latin1(bytes), 'config');
  const settings = findSettings(text, 'config', { files: emptyDisk, sshFolder: '/s', home: '/h' });
  const at = settings[0]?.before ?? text.split('\n').length;
  const again = withoutBlock(withBlock(text, at, '/p/config', { made: false, folder: false }), 'config').text;
  if (again !== text) throw new Error('setup and its undo changed the text');
  return memory === null ? fromLatin1(again) : fromLatin1(text);
}

const claims = sshVectors.publicKeys.valid
  .filter(({ blob }) => blob.length < 1_000)
  .flatMap(({ blob }, i) => {
    const host = i % 2 === 0 ? 'prod.example.org' : '[10.0.0.1]:2222';
    return [utf8(`${1_000 + i} HOSTNAME ${host} ${parsePublicKey(blob).algorithm} ${toBase64(blob)}`)];
  })
  .slice(0, 4);

/** A folder for the parsers that read a file, and the seeds that their own writers make there. */
export function hostTargets(): readonly Target[] {
  const folder = mkdtempSync(join(tmpdir(), 'palmkey-fuzz-'));
  const at = (name: string) => join(folder, name);
  const put = (path: string, bytes: Uint8Array) => writeFileSync(path, bytes, { mode: 0o600 });

  const replayLog = (bytes: Uint8Array): Uint8Array => {
    put(at('replay'), bytes);
    new ReplayLog(at('replay'), () => NOW)[Symbol.dispose]();
    return new Uint8Array(readFileSync(at('replay')));
  };
  const replaySeed = (): Uint8Array => {
    put(at('replay'), new Uint8Array(0));
    const log = new ReplayLog(at('replay'), () => NOW);
    const sender = parseDeviceId(fixedBytes('sender').slice(0, 16));
    const stream = parseStreamId(fixedBytes('stream').slice(0, 16));
    for (const number of [1, 2, 5]) log.accept(sender, stream, number, NOW + 600_000);
    log[Symbol.dispose]();
    return new Uint8Array(readFileSync(at('replay')));
  };

  const phone = fixedDevice('phone');
  const phoneSeed = {
    signingKey: toBase64Url(phone.signer.publicKey),
    agreementKey: toBase64Url(phone.agreement.publicKey),
    name: 'Pixel 9',
    role: 'decides',
    relay: 'https://relay.example.org',
    pairedAt: NOW,
    userKeys: [{ blob: 'AAAA', comment: 'me' }],
  };
  const proof = {
    transcript: toBase64Url(fixedBytes('transcript')),
    phoneSignature: toBase64Url(new Uint8Array(64)),
    hostSignature: toBase64Url(new Uint8Array(64)),
  };
  const pairings = (bytes: Uint8Array): Uint8Array => {
    put(at('pairings.json'), bytes);
    const list = new PairingStore(at('pairings.json')).list().map((record) => ({
      signingKey: toBase64Url(record.peer.signingKey),
      agreementKey: toBase64Url(record.peer.agreementKey),
      name: record.peer.name,
      role: record.peer.role,
      relay: record.relay,
      by: record.by,
      ...(record.by === 'pairing' && {
        transcript: toBase64Url(record.transcript),
        phoneSignature: toBase64Url(record.phoneSignature),
        hostSignature: toBase64Url(record.hostSignature),
      }),
      pairedAt: record.pairedAt,
      userKeys: record.userKeys.map(({ blob, comment }) => ({ blob: toBase64Url(blob), comment })),
    }));
    return utf8(JSON.stringify({ v: 2, pairings: list }));
  };

  const account = (bytes: Uint8Array): Uint8Array => {
    put(at('account.json'), bytes);
    const { chain, consents, leaving, names, isOver } = new AccountFile(at('account.json'));
    const place = (each: AccountPlace) => ({ account: toBase64Url(each.account), relay: each.relay });
    return utf8(
      JSON.stringify({
        v: 1,
        consents: consents.map(place),
        leaving: leaving && toBase64Url(leaving),
        names: Object.fromEntries(names),
        isOver,
        chain: chain && {
          ...place(chain),
          links: toBase64Url(encodeLinks(chain.links)),
          pin: chain.pin && { seqno: chain.pin.seqno, hash: toBase64Url(chain.pin.hash) },
          signed: chain.signed && { ...chain.signed, prev: toBase64Url(chain.signed.prev) },
        },
      }),
    );
  };
  const placeSeed = { account: toBase64Url(fixedBytes('account').slice(0, 16)), relay: 'https://relay.example.org' };
  const linkSeed = { json: utf8('{"v":1}'), signature: parseSignature(new Uint8Array(64)) };
  const hashSeed = toBase64Url(fixedBytes('hash'));

  const home = at('home');
  prepareDevice(home);
  const lockedSeed = {
    v: 2,
    signingKey: toBase64Url(phone.signer.publicKey),
    agreementKey: toBase64Url(phone.agreement.publicKey),
    locked: toBase64Url(concat(Uint8Array.of(1, 0, 0, 0, 1), new Uint8Array(120))),
  };
  const deviceSeed = { v: 1, signing: toBase64Url(fixedBytes('s')), agreement: toBase64Url(fixedBytes('a')) };

  return [
    {
      name: 'control-lines',
      kind: 'lenient',
      seeds: [
        utf8('{"id":1,"call":"status"}\n{"id":2,"call":"log","limit":100}\n'),
        utf8('{"id":3,"call":"pair-code","code":"123 456"}\n{"a":[1,-2.5e3,"\\u00e4ä"],"b":null}\n'),
      ],
      refusals: [SyntaxError, RangeError],
      parse: controlLines,
    },
    { name: 'claim-line', kind: 'lenient', seeds: claims, refusals: [], parse: claimLine },
    {
      // Lenient in comments alone, which need not be UTF-8.
      name: 'upstream-identities',
      kind: 'lenient',
      seeds: [
        identities([]),
        identities([
          { blob: utf8('key'), comment: 'a comment' },
          { blob: utf8('k'), comment: '' },
        ]),
      ],
      refusals: [SshFormatError],
      parse: (bytes) => identities(parseIdentities(bytes)),
    },
    {
      name: 'came-through',
      kind: 'codec',
      seeds: [encodeCameThrough([]), encodeCameThrough([new Uint8Array(16), new Uint8Array(16).fill(1)])],
      refusals: [SshFormatError],
      parse: (bytes) => encodeCameThrough(parseCameThrough(bytes)),
    },
    {
      name: 'ssh-config',
      kind: 'lenient',
      seeds: [
        utf8('Host *\n  IdentityAgent "~/.ssh/agent"\n  User me\n\nMatch host a,b\n  Include conf.d/*\n'),
        utf8('# nothing\nUser me'),
        utf8(withBlock('User me\n', 1, '/p/config', { made: false, folder: false })),
      ],
      refusals: [SetupError],
      parse: sshConfig,
    },
    {
      name: 'replay-log',
      kind: 'lenient',
      share: 0.2,
      seeds: [replaySeed()],
      refusals: [StateError],
      parse: replayLog,
    },
    {
      name: 'pairings-file',
      kind: 'lenient',
      share: 0.2,
      seeds: [
        utf8('{"v":1,"pairings":[]}'),
        utf8(JSON.stringify({ v: 1, pairings: [{ ...phoneSeed, ...proof }] }, null, 1)),
        utf8(
          JSON.stringify({
            v: 2,
            pairings: [
              { by: 'pairing', ...phoneSeed, ...proof },
              { by: 'chain', ...phoneSeed },
            ],
          }),
        ),
      ],
      refusals: [StateError],
      parse: pairings,
    },
    {
      name: 'account-file',
      kind: 'lenient',
      share: 0.2,
      seeds: [
        utf8('{"v":1,"consents":[],"leaving":null,"names":{},"isOver":false,"chain":null}'),
        utf8(
          JSON.stringify({
            v: 1,
            consents: [placeSeed],
            leaving: toBase64Url(encodeLinks([linkSeed])),
            names: { [toHex(phone.id)]: 'Pixel 9' },
            isOver: true,
            chain: {
              ...placeSeed,
              links: toBase64Url(encodeLinks([linkSeed, linkSeed])),
              pin: { seqno: 2, hash: hashSeed },
              signed: { seqno: 3, prev: hashSeed, endsAt: null },
            },
          }),
        ),
      ],
      refusals: [StateError],
      parse: account,
    },
    {
      name: 'device-file',
      kind: 'lenient',
      share: 0.2,
      seeds: [utf8(JSON.stringify(deviceSeed)), utf8(JSON.stringify(lockedSeed))],
      refusals: [StateError],
      parse: (bytes) => {
        put(paths(home).device, bytes);
        prepareDevice(home);
        return utf8(JSON.stringify(JSON.parse(fromUtf8(bytes))));
      },
      close: () => rmSync(folder, { recursive: true, force: true }),
    },
  ];
}
