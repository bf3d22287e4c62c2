/** Facts of a computer with one phone, for tests. */
import type { KeyFact, PhoneFact, StatusFact } from '@palmkey/host/control';

const at = Date.UTC(2026, 2, 12, 12);

export const workKey: KeyFact = {
  type: 'ssh-ed25519',
  fingerprint: 'SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  comment: 'Work',
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA Work',
  phone: 'Pixel',
};

export const pixel: PhoneFact = {
  id: '00112233445566778899aabbccddeeff',
  name: 'Pixel',
  relay: 'http://localhost:7722',
  pairedAt: at - 86_400_000,
  reach: 'here',
  lastSeenAt: at,
  software: 'palmkey-app 0.1.0',
  protocol: 2,
  update: null,
  push: null,
  keys: [workKey],
  inAccount: false,
};

export const status: StatusFact = {
  version: '0.1.0',
  pid: 4711,
  startedAt: at - 60_000,
  home: '/home/ada/.local/state/palmkey',
  device: { id: 'ffeeddccbbaa99887766554433221100', name: 'laptop' },
  agentSocket: '/home/ada/.local/state/palmkey/run/agent.sock',
  agentLocked: false,
  deviceKeys: 'plain',
  appUrl: 'http://localhost:7722',
  publicUrl: null,
  tryCommand: 'ssh -F ~/.local/state/palmkey/try/ssh_config try',
  relays: [{ url: 'http://localhost:7722', state: 'connected', problem: null, lastContactAt: at }],
  phones: [pixel],
  account: null,
  pairing: false,
  waiting: [],
};
