import type { HexId } from '../model/hex-id.ts';
import type {
  AdmissionWay,
  KeyType,
  NoticesView,
  PermissionGrant,
  PhoneModel,
  PhoneSnapshot,
  SignInForm,
} from '../model/model.ts';
import { testNotice } from '../notices/notice-words.ts';
import { OnAccount } from './account/on-account.ts';
import { OnJoining } from './joining/on-joining.ts';
import { OnMoving } from './moving/on-moving.ts';
import { readLink } from './pairing-flow.ts';
import { OnPassphrase } from './passphrase/on-passphrase.ts';
import { PhoneState } from './phone-state.ts';
import type { PhonePorts } from './ports.ts';
import type { SessionDoor } from './session-door.ts';
import { NotReadyError } from './session-errors.ts';
import { TabSession } from './tab-session.ts';

/** The phone behind the screens: a method for each thing that a person does, as the model has it. */
export class PhoneEngine implements PhoneModel {
  readonly account: OnAccount;
  readonly joining: OnJoining;
  readonly moving: OnMoving;
  readonly passphrase: OnPassphrase;
  readonly #ports: PhonePorts;
  readonly #state = new PhoneState();
  readonly #tab: TabSession;
  readonly #door: SessionDoor;
  /** A link that was opened before there was anybody to pair. */
  #pendingLink: { readonly text: string; readonly followed: boolean } | null = null;

  constructor(ports: PhonePorts) {
    this.#ports = ports;
    this.#tab = new TabSession(ports, this.#state, () => this.#openPendingLink());
    const { door } = this.#tab;
    this.#door = door;
    this.account = new OnAccount(door);
    this.joining = new OnJoining(door, ports.page.origin);
    this.moving = new OnMoving(door);
    this.passphrase = new OnPassphrase(door, this.#tab);
    ports.page.onLeave(() => {
      door.session?.conversation?.pairing.interrupt();
      this.joining.interrupt();
    });
  }

  /** Begins; what comes of it shows in the snapshot. */
  start(): void {
    this.#tab.start();
  }

  /** Lets go of everything, as closing the tab does. */
  close(): void {
    this.#tab.close();
  }

  getSnapshot(): PhoneSnapshot {
    return this.#state.snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#state.subscribe(listener);
  }

  async createAccountKey({ deviceName, keyName }: { deviceName: string; keyName: string }): Promise<void> {
    await this.#door.act((session) => session.createAccountKey(deviceName, keyName));
    this.#tab.entered();
  }

  async addKey(name: string, type?: KeyType): Promise<void> {
    await this.#door.act((session) => session.keys.add(name, type));
  }

  async renameKey(id: HexId, name: string): Promise<void> {
    await this.#door.act((session) => session.keys.rename(id, name));
  }

  async renameDevice(name: string): Promise<void> {
    await this.#door.act((session) => session.renameDevice(name));
  }

  openLink(text: string, { followed } = { followed: false }): void {
    const pairing = this.#door.unlocked?.conversation?.pairing;
    if (pairing !== undefined) {
      pairing.open(text, followed);
      return;
    }
    try {
      readLink(text);
      this.#pendingLink = { text, followed };
    } catch {
      this.#state.pairing = { is: 'failed', hostName: null, code: 'bad-link' };
      this.#state.publish();
    }
  }

  confirmLink(): void {
    this.#door.unlocked?.conversation?.pairing.confirm();
  }

  cancelPairing(): void {
    this.#pendingLink = null;
    this.#door.session?.conversation?.pairing.cancel();
  }

  dismissPairing(): void {
    const pairing = this.#door.session?.conversation?.pairing;
    if (pairing !== undefined) {
      pairing.dismiss();
      return;
    }
    this.#state.pairing = { is: 'none' };
    this.#state.publish();
  }

  async decide(hash: HexId, decision: 'approve' | 'reject' | 'pass', permission?: PermissionGrant): Promise<boolean> {
    return this.#door.act(
      async ({ conversation }) => (await conversation?.decide(hash, decision, permission)) ?? false,
    );
  }

  gitText(hash: HexId, from: number, length: number): { text: string; total: number } {
    const inbox = this.#door.unlocked?.conversation?.inbox;
    return inbox?.gitText(hash, from, length) ?? { text: '', total: 0 };
  }

  async removeKey(id: HexId): Promise<void> {
    await this.#door.act((session) => session.keys.remove(id));
  }

  async revokePermission(id: HexId): Promise<void> {
    await this.#door.act((session) => session.revoke(id));
  }

  async revokeAllPermissions(): Promise<void> {
    await this.#door.act((session) => session.revoke(null));
  }

  async muteComputer(id: HexId, forMs: number): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.desk.mute(id, this.#ports.clock.now() + forMs));
  }

  async unmuteComputer(id: HexId): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.desk.mute(id, null));
  }

  async setLock(options: { code: string; afterMinutes: number; biometric: boolean }): Promise<void> {
    await this.#door.act((session) => session.lock.set(options));
  }

  async removeLock(code: string): Promise<boolean> {
    return this.#door.act((session) => session.lock.remove(code));
  }

  async unlock(code: string | null): Promise<boolean> {
    const opened = await this.#door.actLocked((session) => session.lock.unlock(code));
    if (opened) this.#openPendingLink();
    return opened;
  }

  lockNow(): void {
    this.#door.session?.lock.lock();
  }

  async lookAtNotices(): Promise<void> {
    this.#state.pushStanding = await this.#ports.push.standing();
    this.#state.publish();
  }

  async switchNoticesOn(): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.waking.switchOn());
  }

  async switchNoticesOff(): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.waking.switchOff());
  }

  async setNotices({ shows, allowKeys }: Partial<Pick<NoticesView, 'shows' | 'allowKeys'>>): Promise<void> {
    const change = { ...(shows !== undefined && { shows }), ...(allowKeys !== undefined && { allowKeys }) };
    await this.#door.act((session) => session.choices.setNotices(change));
  }

  async testNotice(): Promise<void> {
    await this.#ports.board.show(testNotice);
  }

  show(hash: HexId): void {
    this.#state.inFront = hash;
    this.#state.publish();
    this.useHere();
  }

  async admissionOf(relay: string): Promise<readonly AdmissionWay[] | null> {
    return (await this.#ports.askRelay(relay))?.admission ?? null;
  }

  async lookAtRelay(): Promise<void> {
    this.#state.asks = (await this.#door.session?.conversation?.admission.relayThatAsks()) ?? null;
    this.#state.publish();
  }

  async signInForm(relay: string): Promise<SignInForm | null> {
    return (await this.#door.unlocked?.conversation?.admission.signInForm(relay)) ?? null;
  }

  async useInvitation(relay: string, code: string): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.admission.useInvitation(relay, code));
    if (typeof this.#state.asks === 'object' && this.#state.asks?.relay === relay) await this.lookAtRelay();
  }

  async invite(relay: string): Promise<{ code: string; endsAt: number }> {
    return this.#door.act(async ({ conversation }) => {
      if (conversation === null) throw new NotReadyError('no device');
      return conversation.admission.invite(relay);
    });
  }

  dismissAftermath(): void {
    this.#state.aftermath = null;
    this.#state.publish();
  }

  async forgetPin(host: { name: string; port: number }): Promise<void> {
    await this.#door.act((session) => session.choices.forgetPin(host));
  }

  async renameComputer(id: HexId, name: string): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.computers.rename(id, name));
  }

  async unpair(id: HexId): Promise<void> {
    await this.#door.act(async ({ conversation }) => conversation?.desk.unpair(id));
  }

  reconnect(): void {
    this.#door.session?.conversation?.wake();
  }

  async requestPersistence(): Promise<void> {
    this.#state.persistence = (await this.#ports.page.persist().catch(() => false)) ? 'granted' : 'refused';
    this.#state.publish();
  }

  async acknowledgeSecondWay(): Promise<void> {
    await this.#door.act((session) => session.choices.acknowledgeSecondWay());
  }

  async exportFacts(): Promise<Blob> {
    return this.#door.act((session) => Promise.resolve(new Blob([session.facts()], { type: 'application/json' })));
  }

  beginAnew(): Promise<void> {
    return this.#tab.beginAnew();
  }

  useHere(): void {
    this.#tab.useHere();
  }

  #openPendingLink(): void {
    const link = this.#pendingLink;
    const pairing = this.#door.unlocked?.conversation?.pairing;
    if (link === null || pairing === undefined) return;
    this.#pendingLink = null;
    pairing.open(link.text, link.followed);
  }
}
