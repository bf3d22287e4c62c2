/** What the phones of an account write for each other, which every one of them reads. */
import {
  encodeHistoryChunk,
  encodeSharedEndings,
  encodeSharedPermissions,
  memberRecordName,
  parseHistoryChunk,
  parseMemberRecordName,
  parseSharedEndings,
  parseSharedPermissions,
  type SharedLine,
  type SharedPermission,
} from '@palmkey/core/account';
import { FormatError } from '@palmkey/core/crypto';
import { toHex } from '@palmkey/envelope';
import { fixedBytes, fixedDevice } from '../keys.ts';
import { fromLatin1, ofText, type Target } from '../target.ts';

const NOW = 1_800_000_000_000;
const id = (name: string): string => toHex(fixedBytes(name).slice(0, 16));
const permission: SharedPermission = {
  id: id('permission'),
  computer: id('computer'),
  scope: { is: 'server', name: 'prod.example.org', port: 22, user: 'ada', through: 'gate.example.org' },
  keyName: 'Work',
  createdAt: NOW,
  endsAt: NOW + 3_600_000,
};
const line: SharedLine = {
  hash: toHex(fixedBytes('hash')),
  host: id('computer'),
  at: NOW,
  kind: 'login',
  outcome: 'approved',
  by: 'person',
  confirmed: true,
  signed: true,
  computer: 'laptop',
  user: 'ada',
  server: 'prod.example.org',
  hostKey: toHex(fixedBytes('host key')),
  keyName: 'Work',
  subject: null,
  repository: null,
};

export const accountDataTargets: readonly Target[] = [
  {
    name: 'shared-permissions',
    kind: 'codec',
    seeds: [[], [permission], [permission, { ...permission, scope: { is: 'computer' } as const, keyName: null }]].map(
      encodeSharedPermissions,
    ),
    refusals: [FormatError],
    parse: (bytes) => encodeSharedPermissions(parseSharedPermissions(bytes)),
  },
  {
    name: 'shared-endings',
    kind: 'codec',
    seeds: [[], [{ id: permission.id, endsAt: permission.endsAt }]].map(encodeSharedEndings),
    refusals: [FormatError],
    parse: (bytes) => encodeSharedEndings(parseSharedEndings(bytes)),
  },
  {
    name: 'shared-history',
    kind: 'codec',
    seeds: [
      { turn: 1, lines: [] },
      { turn: 9, lines: [line, { ...line, kind: 'git' as const, subject: 'docs: a word', server: null }] },
    ].map(encodeHistoryChunk),
    refusals: [FormatError],
    parse: (bytes) => encodeHistoryChunk(parseHistoryChunk(bytes)),
  },
  {
    name: 'member-record-name',
    kind: 'codec',
    seeds: (['permissions', 'endings', 'history'] as const).map((kind) =>
      fromLatin1(memberRecordName({ kind, device: fixedDevice('phone').id, n: 0 })),
    ),
    refusals: [],
    parse: ofText((text) => {
      const name = parseMemberRecordName(text);
      return name && memberRecordName(name);
    }),
  },
];
