/** What the phones' messages, and what becomes of ours, mean to the daemon. */
import type { UserKey } from '@palmkey/core/pairing';
import type { Content } from '@palmkey/core/messages';
import { toHex } from '@palmkey/envelope';
import { answerEnlist, learnFacts, learnName } from './account/account-desk.ts';
import { provisionalName } from './account/account-phones.ts';
import type { Daemon } from './daemon.ts';
import { dropPairing } from './pairing-desk.ts';
import { logEntry } from './state/event-log.ts';
import type { PhoneLinesEvents } from './lines/phone-lines-options.ts';
import type { Pairing } from './state/pairing-store.ts';

export function phoneMail(daemon: Daemon): PhoneLinesEvents {
  return {
    onMessage: (pairing, content) => take(daemon, pairing, content),
    onHere: (pairing) => daemon.askPhone.repeat(pairing),
    onNotUnderstood: (pairing) => daemon.askPhone.notUnderstood(pairing),
    onAbsent: (pairing) => daemon.askPhone.absent(pairing),
    onSkew: (pairing, content, skewMs) => skewed(daemon, pairing, content, skewMs),
    onChange: () => daemon.changed(),
    onFault: (error) => daemon.fault(error),
  };
}

function take(daemon: Daemon, pairing: Pairing, content: Content): void {
  const { id } = pairing.peer;
  switch (content.kind) {
    case 'here':
      return hear(daemon, pairing, content);
    case 'received':
      return daemon.askPhone.received(id, content.hash);
    case 'decision':
      return daemon.askPhone.decided(id, content.hash, content.answer);
    case 'want':
      return daemon.askPhone.wanted(id, content.hash, content.from);
    case 'unpair':
      dropPairing(daemon, pairing);
      return daemon.lines.sync();
    case 'speaks':
      // The lines keep what a phone speaks.
      return;
    case 'enlist':
      return void answerEnlist(daemon, pairing, content);
    case 'moved':
      // A phone that is not in the account has nothing to say about it.
      return void (daemon.account.isMember(id) && daemon.moving.heard(content.notice));
    case 'facts':
      return learnFacts(daemon, pairing, content);
    case 'ask':
    case 'settled':
    case 'part':
    case 'preview':
    case 'consent':
      // The role table has refused these from a phone already.
      return;
  }
}

/** A phone tells its name and keys; they are its own to name. */
function hear(daemon: Daemon, pairing: Pairing, { name, keys }: Extract<Content, { kind: 'here' }>): void {
  const told: Pairing = { ...pairing, peer: { ...pairing.peer, name }, userKeys: keys ?? pairing.userKeys };
  if (name === pairing.peer.name && comparable(told.userKeys) === comparable(pairing.userKeys)) return;
  // A key that it has no more may be on servers still.
  daemon.rememberedKeys.keep(pairing);
  daemon.pairings.put(told);
  if (daemon.account.isMember(told.peer.id)) learnName(daemon, told.peer);
  const isNew = pairing.by === 'chain' && pairing.peer.name === provisionalName(pairing.peer.id);
  if (isNew) daemon.log(logEntry(daemon.clock.now(), { kind: 'joined', phone: name }));
  daemon.changed();
}

/** A message out of time is acted on only to end a request of ours that it names: that costs nobody anything but a retry. */
function skewed(daemon: Daemon, { peer }: Pairing, content: Content, skewMs: number): void {
  if (content.kind !== 'received' && content.kind !== 'decision') return;
  daemon.askPhone.decided(peer.id, content.hash, { is: 'refuse', code: 'clock-skew', skew: -skewMs });
}

function comparable(keys: readonly UserKey[]): string {
  return JSON.stringify(keys.map(({ blob, comment }) => [toHex(blob), comment]));
}
