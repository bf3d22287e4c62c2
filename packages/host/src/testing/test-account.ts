/** An account as its first phone keeps it: what it posts, over the phone's own connection, and the consent it asks for. */
import {
  type ChainState,
  consent,
  encodeLinks,
  laterLink,
  parseFactsHash,
  placeAfter,
  placeFollowing,
  replay,
  type SignedLink,
  signLink,
} from '@palmkey/chain';
import {
  type Actor,
  beginAccount,
  type BegunAccount,
  type ChainAct,
  chainPost,
  encodePerUserBox,
  enlistHost,
  factsHash,
  type HostOffer,
  newSaltedFacts,
  offerHost,
  revokeDevices,
  type SaltedFacts,
  sealPerUserBox,
  signMove,
} from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import { type Peer, publicDevice } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import type { DeviceId } from '@palmkey/envelope';
import { nodePrimitives } from '../keys/node-primitives.ts';
import type { TestPhone } from './test-phone.ts';

export class TestAccount {
  readonly #phone: TestPhone;
  readonly #begun: BegunAccount;
  #perUserKey: BegunAccount['perUserKey'];
  state: ChainState;
  /** From the first. */
  readonly links: SignedLink[];

  private constructor(phone: TestPhone, begun: BegunAccount) {
    this.links = [...begun.links];
    this.#phone = phone;
    this.#begun = begun;
    this.#perUserKey = begun.perUserKey;
    this.state = begun.after;
  }

  /** Begins it and posts it to the relay that the phone is connected to. */
  static async begin(phone: TestPhone): Promise<TestAccount> {
    const account = await TestAccount.local(phone);
    await account.postBeginning();
    return account;
  }

  /** Begins it, and keeps it from every relay. */
  static async local(phone: TestPhone): Promise<TestAccount> {
    return new TestAccount(phone, await beginAccount(actorOf(phone), { kind: 'phone', name: phone.name }));
  }

  async postBeginning(): Promise<void> {
    await this.#phone.client.chain.post(chainPost(this.#begun));
  }

  /** What the phone asks a computer to agree to, at the end of the chain. */
  offer(computer: Peer) {
    return offerHost(actorOf(this.#phone), this.state, computer, 'laptop', []);
  }

  /** Asks a computer for its consent, by a message unless `ask` does otherwise, and adds it. */
  async enlist(computer: Peer, ask = (offer: HostOffer) => this.#askByMessage(computer, offer)): Promise<void> {
    const offer = this.offer(computer);
    const answer = await ask(offer);
    if (answer?.kind !== 'consent' || answer.reverseSig === null) throw new Error('it will not');
    await this.#post(await enlistHost(actorOf(this.#phone), this.state, offer, answer.reverseSig));
  }

  async #askByMessage(computer: Peer, { account, link }: HostOffer): Promise<Content | null> {
    await this.#phone.say(computer, { kind: 'enlist', account, link });
    return this.#phone.told('consent');
  }

  /** Adds another phone; what people know it by, as members have it. */
  async add({ device, name }: TestPhone): Promise<SaltedFacts> {
    const salted = newSaltedFacts(nodePrimitives, { kind: 'phone', name });
    const facts = parseFactsHash(factsHash(salted));
    const author = { ctime: Date.now(), signer: this.#phone.device.id };
    const { id, signingKey, agreementKey } = publicDevice(device.signer.publicKey, device.agreement.publicKey);
    const addition = { type: 'sibkey', device: { id, signingKey, facts } } as const;
    const first = await consent(device.signer, placeAfter(this.state), author, addition);
    const sibkey = await signLink(this.#phone.device.signer, first);
    const place = placeFollowing(sha256, sibkey);
    const content = { type: 'subkey', body: { device: { agreementKey, id } } } as const;
    const subkey = await signLink(device.signer, laterLink(place, { ...author, signer: id }, content));
    const links = [sibkey, subkey];
    const after = await replay({ ...nodePrimitives, sha256 }, links, this.state);
    const member = { id, signingKey, agreementKey };
    const box = await sealPerUserBox(nodePrimitives, this.#phone.device, member, this.#perUserKey);
    const post = { prev: this.state.head, links: encodeLinks(links), boxes: [encodePerUserBox(box)], seeds: [] };
    await this.#phone.client.chain.post(post);
    this.links.push(...links);
    this.state = after;
    return salted;
  }

  /** Takes devices out. */
  async revoke(...ids: readonly DeviceId[]): Promise<void> {
    const act = await revokeDevices(actorOf(this.#phone), this.state, this.#perUserKey, ids);
    this.#perUserKey = act.perUserKey;
    await this.#post(act);
  }

  async #post(act: ChainAct): Promise<void> {
    await this.#phone.client.chain.post(chainPost(act));
    this.links.push(...act.links);
    this.state = act.after;
  }

  /** Posts all of it at another relay, which then has what this one has: before anybody was taken out. */
  async postAt(there: TestPhone): Promise<void> {
    const members = this.state.members.map((member) =>
      sealPerUserBox(nodePrimitives, this.#phone.device, member, this.#perUserKey),
    );
    const boxes = (await Promise.all(members)).map(encodePerUserBox);
    await there.client.chain.post({ prev: null, links: encodeLinks(this.links), boxes, seeds: [] });
  }

  /** Another history of it, from its first link, over another connection of the phone. */
  async beginAt(there: TestPhone): Promise<TestAccount> {
    const other = new TestAccount(there, this.#begun);
    await other.postBeginning();
    return other;
  }

  /** The same, over another connection of the phone. */
  at(there: TestPhone): TestAccount {
    const same = new TestAccount(there, this.#begun);
    same.#perUserKey = this.#perUserKey;
    same.links.splice(0, Infinity, ...this.links);
    same.state = this.state;
    return same;
  }

  /** A member's word that the account is at that relay. */
  moved(by: TestPhone, relay: string, n = 1, head = this.state.head): Promise<Uint8Array> {
    return signMove(by.device, { account: this.state.account, relay, n, head });
  }
}

function actorOf({ device }: TestPhone): Actor {
  return { primitives: nodePrimitives, device, ctime: Date.now() };
}
