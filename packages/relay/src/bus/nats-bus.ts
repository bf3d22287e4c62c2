import type { AccountDataWord, AccountId, ChainHead, DeviceId } from '@palmkey/envelope';
import { concat, parseDeviceId, parseRendezvousId, toHex } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { deviceKey } from '../device-key.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import {
  encodeAnnouncement,
  ENTRIES_PER_PART,
  isCounted,
  parseAnnouncement,
  type Announcement,
  type Expelled,
  type Word,
} from './announcement.ts';
import type { Bus, BusEvents, ExpelCode } from './bus.ts';
import { Directory, type Presence } from './directory.ts';
import { ExpelledLately } from './expelled-lately.ts';
import { ForwardedLately } from './forwarded-lately.ts';
import { Peers } from './peers.ts';
import { Questions } from './questions.ts';
import { isLater, Stamps } from './stamp.ts';

/** How often a node says that it is there, and after what silence it is gone with its devices. */
const BEAT_EVERY_MS = 2_000;
const GONE_AFTER_MS = 5_000;
const ASK_EVERY_MS = 1_000;
/** The bytes that answer whether a device takes what comes. */
const NO = 0;
const YES = 1;

interface NatsBusPorts {
  readonly link: NatsLink;
  readonly clock: Clock;
  /** 8 random bytes, new at each start: a node that starts again is another. */
  readonly nodeId: Uint8Array;
}

/**
 * The bus of several nodes, over NATS's publish and subscribe, which may lose what is said while a connection is made
 * anew. So every announcement is numbered, the beats carry the number too, and who misses one asks for the whole list.
 * Where one device connects at two nodes at once, both judge by the same order ({@link isLater}): one connection stays.
 */
export class NatsBus implements Bus {
  readonly #link: NatsLink;
  readonly #clock: Clock;
  readonly #node: string;
  readonly #stamps: Stamps;
  readonly #here = new Map<string, Presence>();
  readonly #peers = new Peers();
  readonly #expelled = new ExpelledLately();
  readonly #forwarded = new ForwardedLately();
  readonly #questions: Questions;
  readonly #subscriptions: (() => void)[] = [];
  #directory = new Directory(() => undefined);
  #events: BusEvents | null = null;
  #seqno = 0;
  #lastBeatAt: number;
  #cancelBeat: () => void = () => undefined;

  constructor({ link, clock, nodeId }: NatsBusPorts) {
    this.#link = link;
    this.#clock = clock;
    this.#node = toHex(nodeId);
    this.#stamps = new Stamps(clock);
    this.#questions = new Questions(clock);
    this.#lastBeatAt = clock.now();
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  listen(events: BusEvents): void {
    this.#events = events;
    this.#directory = new Directory((account, device, present) => events.onPresence(account, device, present));
    const hear = (subject: string, heard: (message: { data: Uint8Array; reply?: string }) => void): void => {
      this.#subscriptions.push(this.#link.subscribe(subject, heard));
    };
    hear(this.#subject('all'), ({ data }) => this.#onAnnouncement(data, events));
    hear(this.#subject(`node.${this.#node}`), ({ data }) => this.#onAnnouncement(data, events));
    hear(this.#subject(`frame.${this.#node}`), ({ data, reply }) => this.#onFrame(data, reply, events));
    this.#subscriptions.push(
      this.#link.subscribe(this.#subject(`back.${this.#node}.*`), ({ subject }) => {
        this.#forwarded.returned(tokenOf(subject));
      }),
      this.#link.subscribe(this.#subject(`awake.${this.#node}`), ({ data, reply }) => {
        this.#onQuestion(data, reply, events);
      }),
      this.#link.subscribe(this.#subject(`awake.${this.#node}.*`), ({ subject, data }) => {
        this.#questions.answered(tokenOf(subject), data[0] === YES);
      }),
    );
    this.#link.onChange({
      up: () => this.#comeBack(events),
      down: () => this.#questions.giveUpAll(),
    });
    this.#say({ kind: 'hello' });
    this.#beat();
  }

  enter(device: DeviceId, account: AccountId): void {
    const at = this.#stamps.next();
    this.#here.set(deviceKey(device), { device, account, at });
    this.#say({ kind: 'enter', device, account }, at);
  }

  leave(device: DeviceId, _account: AccountId): void {
    const key = deviceKey(device);
    const presence = this.#here.get(key);
    if (!presence) return;
    this.#here.delete(key);
    this.#say({ kind: 'leave', device }, presence.at);
  }

  isElsewhere(device: DeviceId): boolean {
    return this.#directory.nodeOf(device) !== undefined;
  }

  elsewhere(account: AccountId): readonly DeviceId[] {
    return this.#directory.devicesOf(account);
  }

  forward(to: DeviceId, frame: Uint8Array, absent: () => void): boolean {
    const node = this.#directory.nodeOf(to);
    if (node === undefined || !this.connected) return false;
    const token = this.#forwarded.add(absent);
    this.#link.publish(this.#subject(`frame.${node}`), concat(to, frame), {
      reply: this.#subject(`back.${this.#node}.${token}`),
    });
    return true;
  }

  readsElsewhere(device: DeviceId): Promise<boolean> {
    const node = this.#directory.nodeOf(device);
    if (node === undefined || !this.connected) return Promise.resolve(false);
    return this.#questions.ask((token) => {
      this.#link.publish(this.#subject(`awake.${node}`), device, {
        reply: this.#subject(`awake.${this.#node}.${token}`),
      });
    });
  }

  expel(device: DeviceId, code: ExpelCode): void {
    const at = this.#stamps.next();
    this.#expelled.add(device, code, at);
    this.#say({ kind: 'expel', device, code }, at);
  }

  accountChanged(account: AccountId): void {
    this.#say({ kind: 'account-changed', account });
  }

  chainHead(account: AccountId, head: ChainHead): void {
    this.#say({ kind: 'chain-head', account, head });
  }

  accountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void {
    this.#say({ kind: 'account-data', account, word, members });
  }

  rendezvous(id: Uint8Array): void {
    this.#say({ kind: 'rendezvous', id: parseRendezvousId(id) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#cancelBeat();
    if (this.#events) this.#say({ kind: 'bye' });
    this.#events = null;
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#questions.giveUpAll();
    return Promise.resolve();
  }

  #onAnnouncement(data: Uint8Array, events: BusEvents): void {
    const announcement = parseAnnouncement(data);
    if (announcement === null || announcement.node === this.#node || this.#events === null) return;
    const { node, seqno, at, word } = announcement;
    this.#stamps.heard(at);
    if (word.kind === 'bye') {
      this.#peers.remove(node);
      this.#directory.removeNode(node);
      return;
    }
    this.#peers.heard(node, this.#clock.now());
    if (word.kind === 'hello' || word.kind === 'ask') this.#list(node);
    else if (word.kind === 'list') this.#onList(announcement, word, events);
    else if (isCounted(word) && this.#peers.isNews(node, seqno)) this.#onNews(announcement, events);
    this.#askForMissing(node, seqno);
  }

  #onNews({ node, at, word }: Announcement, events: BusEvents): void {
    switch (word.kind) {
      case 'enter':
        return this.#onEnter(node, { device: word.device, account: word.account, at }, events);
      case 'leave':
        return this.#directory.remove(node, word.device, at);
      case 'expel':
        return this.#onExpel({ device: word.device, code: word.code, at }, events);
      case 'account-changed':
        return events.onAccountChanged(word.account);
      case 'rendezvous':
        return events.onRendezvous(word.id);
      case 'chain-head':
        return events.onChainHead(word.account, word.head);
      case 'account-data':
        return events.onAccountData(word.account, word.word, word.members);
      case 'hello':
      case 'beat':
      case 'bye':
      case 'ask':
      case 'list':
        return;
    }
  }

  /** The later connection stays; who has it says so again, so that the node of the other one hears it. */
  #onEnter(node: string, presence: Presence, events: BusEvents): void {
    const key = deviceKey(presence.device);
    const mine = this.#here.get(key);
    if (mine && isLater({ at: mine.at, node: this.#node }, { at: presence.at, node })) {
      this.#say({ kind: 'enter', device: mine.device, account: mine.account }, mine.at);
      return;
    }
    this.#directory.put(node, presence);
    if (!mine) return;
    this.#here.delete(key);
    events.onEnteredElsewhere(presence.device);
  }

  #onExpel({ device, code, at }: Expelled, events: BusEvents): void {
    this.#expelled.add(device, code, at);
    const presence = this.#here.get(deviceKey(device));
    if (presence && presence.at < at) events.onExpel(device, code);
  }

  /** A whole list comes where something was missed; what is remembered of accounts may have been missed as well. */
  #onList({ node, seqno, at }: Announcement, list: Word & { kind: 'list' }, events: BusEvents): void {
    for (const expelled of list.expelled) this.#onExpel(expelled, events);
    const presences = this.#peers.addPart(node, seqno, list);
    if (presences === null) return;
    const ours = presences.filter(({ device }) => this.#here.has(deviceKey(device)));
    for (const presence of ours) this.#onEnter(node, presence, events);
    this.#directory.replaceAll(
      node,
      presences.filter(({ device }) => !this.#here.has(deviceKey(device))),
      at,
    );
    const accounts = new Map([...this.#here.values()].map(({ account }) => [deviceKey(account), account]));
    for (const account of accounts.values()) events.onAccountChanged(account);
  }

  #askForMissing(node: string, seqno: number): void {
    if (!this.#peers.shouldAsk(node, seqno, this.#clock.now(), ASK_EVERY_MS)) return;
    this.#publish(`node.${node}`, { kind: 'ask' }, this.#stamps.next());
  }

  #onFrame(data: Uint8Array, reply: string | undefined, events: BusEvents): void {
    if (data.length < 16) return;
    const to = parseDeviceId(data.subarray(0, 16));
    if (this.#here.has(deviceKey(to))) {
      events.onFrame(to, Buffer.from(data.buffer, data.byteOffset + 16, data.byteLength - 16));
    } else if (reply !== undefined && reply !== '') this.#link.publish(reply, new Uint8Array(0));
  }

  #onQuestion(data: Uint8Array, reply: string | undefined, events: BusEvents): void {
    if (data.length !== 16 || reply === undefined || reply === '') return;
    this.#link.publish(reply, Uint8Array.of(events.readsHere(parseDeviceId(data)) ? YES : NO));
  }

  #comeBack(events: BusEvents): void {
    if (this.#events !== events) return;
    this.#peers.doubtAll();
    this.#peers.excuseAll(this.#clock.now());
    this.#say({ kind: 'hello' });
  }

  #beat(): void {
    const now = this.#clock.now();
    const wasBusy = now - this.#lastBeatAt > GONE_AFTER_MS - BEAT_EVERY_MS;
    this.#lastBeatAt = now;
    if (wasBusy) this.#peers.excuseAll(now);
    for (const node of this.#peers.takeSilent(now - GONE_AFTER_MS)) this.#directory.removeNode(node);
    this.#say({ kind: 'beat' });
    this.#cancelBeat = this.#clock.after(BEAT_EVERY_MS, () => this.#beat());
  }

  #list(node: string): void {
    const presences = [...this.#here.values()];
    const at = this.#stamps.next();
    const parts = Math.max(1, Math.ceil(presences.length / ENTRIES_PER_PART));
    for (let part = 0; part < parts; part++) {
      const last = part === parts - 1;
      const some = presences.slice(part * ENTRIES_PER_PART, (part + 1) * ENTRIES_PER_PART);
      const expelled = last ? this.#expelled.list(this.#clock.now()) : [];
      this.#publish(`node.${node}`, { kind: 'list', part, last, presences: some, expelled }, at);
    }
  }

  #say(word: Word, at = this.#stamps.next()): void {
    if (isCounted(word)) this.#seqno++;
    this.#publish('all', word, at);
  }

  #publish(subject: string, word: Word, at: number): void {
    this.#link.publish(this.#subject(subject), encodeAnnouncement({ node: this.#node, seqno: this.#seqno, at, word }));
  }

  #subject(name: string): string {
    return `${this.#link.address.prefix}.${name}`;
  }
}

/** What stands last in the subject of an answer. */
function tokenOf(subject: string): number {
  return Number(subject.slice(subject.lastIndexOf('.') + 1));
}
