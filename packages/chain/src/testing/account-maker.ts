import {
  type AgreementPublicKey,
  ascii,
  type DeviceId,
  parseSignature,
  signedBytes,
  type SigningPublicKey,
  toHex,
} from '@palmkey/envelope';
import { eldestLink, laterLink, placeFollowing, signLink } from '../build.ts';
import { type Addition, consent } from '../consent.ts';
import { type LinkContent, type LinkDevice, type LinkPlace, parseFactsHash, type SignedLink } from '../link.ts';
import { canonicalJson } from '../link-json.ts';
import type { LinkSigner, Sha256 } from '../ports.ts';

/** A device of a test: its id, and the use of its keys. */
export interface MadeDevice {
  readonly id: DeviceId;
  readonly signer: LinkSigner & { readonly publicKey: SigningPublicKey };
  readonly agreement: { readonly publicKey: AgreementPublicKey };
}

/** What a test's chain is made with. */
export interface AccountKit {
  readonly sha256: Sha256;
  /** The device whose keys follow from a text. */
  readonly device: (name: string) => MadeDevice | Promise<MadeDevice>;
}

/** A link's JSON, parsed and not judged. */
export interface PlainLink {
  readonly [key: string]: unknown;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The first link's ctime. */
const START = 1_800_000_000_000;
/** Each later link's is so much after the one before. */
const STEP_MS = 60_000;

/** Makes a chain link by link, right or wrong as it is told: nothing is checked. */
export class AccountMaker {
  readonly links: SignedLink[] = [];
  readonly #kit: AccountKit;
  #ctime = START;
  #generation = 0;

  constructor(kit: AccountKit) {
    this.#kit = kit;
  }

  /** Another that goes on from the links of this one. */
  fork(): AccountMaker {
    const other = new AccountMaker(this.#kit);
    other.links.push(...this.links);
    other.#ctime = this.#ctime;
    other.#generation = this.#generation;
    return other;
  }

  /** Where the next link stands. */
  get place(): LinkPlace {
    return placeFollowing(this.#kit.sha256, this.#last);
  }

  async eldest(name: string): Promise<this> {
    const { id: _, ...puk } = await this.keysOf('puk 1');
    const link = eldestLink(this.#tick(), await this.deviceOf(name), puk);
    this.#generation = 1;
    this.links.push(await signLink((await this.#kit.device(name)).signer, link));
    return this;
  }

  /** A member, by both its links. */
  async member(by: string, name: string): Promise<this> {
    await this.sibkey(by, name);
    return this.subkey(name);
  }

  async sibkey(by: string, name: string): Promise<this> {
    const { agreementKey: _, ...device } = await this.deviceOf(name);
    return this.#adds(by, name, { type: 'sibkey', device });
  }

  /** With the ctime of the link before. */
  async subkey(name: string): Promise<this> {
    const { agreementKey, id } = await this.keysOf(name);
    return this.later(name, { type: 'subkey', body: { device: { agreementKey, id } } }, this.#ctime);
  }

  async paper(by: string, name: string): Promise<this> {
    return this.#adds(by, name, { type: 'paper', device: await this.deviceOf(name) });
  }

  async host(by: string, name: string): Promise<this> {
    return this.#adds(by, name, { type: 'host', device: await this.deviceOf(name) });
  }

  async revoke(by: string, ...names: readonly string[]): Promise<this> {
    const keys = await Promise.all(names.map((name) => this.keysOf(name)));
    const devices = keys.map(({ id }) => id).sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
    return this.later(by, { type: 'revoke', body: { devices } });
  }

  /** The next generation, whose public keys are those of the device `puk <generation>`. */
  async puk(by: string): Promise<this> {
    this.#generation += 1;
    const { id: _, ...keys } = await this.keysOf(`puk ${this.#generation}`);
    return this.later(by, { type: 'puk', body: { puk: { ...keys, generation: this.#generation } } });
  }

  /** Any link but the first, signed by a device. */
  async later(by: string, content: LinkContent, ctime = this.#tick()): Promise<this> {
    const { id, signer } = await this.#kit.device(by);
    this.links.push(await signLink(signer, laterLink(this.place, { ctime, signer: id }, content)));
    return this;
  }

  /** Makes the last link anew with another value, signed by `by`; with `consenting`, that device agrees to it before. */
  async redo(by: string, change: (link: PlainLink) => PlainLink, consenting?: string): Promise<this> {
    const changed = change(JSON.parse(String.fromCharCode(...this.#last.json)) as PlainLink);
    if (consenting === undefined) return this.redoText(by, () => canonicalJson(changed));
    const asked = inBody({ reverseSig: null })(changed);
    const { signer } = await this.#kit.device(consenting);
    const reverseSig = await signer.sign(signedBytes('account-device', canonicalJson(asked)));
    return this.redoText(by, () => canonicalJson(inBody({ reverseSig })(asked)));
  }

  /** Makes the last link anew with other bytes, signed by `by`. */
  async redoText(by: string, change: (text: string) => string | Uint8Array): Promise<this> {
    const changed = change(String.fromCharCode(...this.#last.json));
    const json = typeof changed === 'string' ? ascii(changed) : changed;
    const { signer } = await this.#kit.device(by);
    this.links[this.links.length - 1] = { json, signature: await signer.sign(signedBytes('account-link', json)) };
    return this;
  }

  /** Gives the last link another signature. */
  redoSignature(change: (signature: Uint8Array) => Uint8Array): this {
    const { json, signature } = this.#last;
    this.links[this.links.length - 1] = { json, signature: parseSignature(change(signature)) };
    return this;
  }

  /** A device's public keys and id. */
  async keysOf(name: string): Promise<Omit<LinkDevice, 'facts'>> {
    const { id, signer, agreement } = await this.#kit.device(name);
    return { agreementKey: agreement.publicKey, id, signingKey: signer.publicKey };
  }

  /** A device as a link names it. */
  async deviceOf(name: string): Promise<LinkDevice> {
    return { ...(await this.keysOf(name)), facts: parseFactsHash(this.#kit.sha256(ascii(`${name} facts`))) };
  }

  get #last(): SignedLink {
    const last = this.links.at(-1);
    if (last === undefined) throw new RangeError('an account begins with its eldest link');
    return last;
  }

  async #adds(by: string, name: string, addition: Addition): Promise<this> {
    const [author, added] = await Promise.all([this.#kit.device(by), this.#kit.device(name)]);
    const signed = { ctime: this.#tick(), signer: author.id };
    const link = await consent(added.signer, this.place, signed, addition);
    this.links.push(await signLink(author.signer, link));
    return this;
  }

  #tick(): number {
    this.#ctime += STEP_MS;
    return this.#ctime;
  }
}

/** A change of what stands at the top of a link. */
export const inLink =
  (values: Readonly<Record<string, unknown>>) =>
  (link: PlainLink): PlainLink => ({ ...link, ...values });
/** A change in a link's body. */
export const inBody =
  (values: Readonly<Record<string, unknown>>) =>
  (link: PlainLink): PlainLink => ({ ...link, body: { ...link.body, ...values } });
/** A change in what a body has under a name: `device` or `puk`. */
export const inPart =
  (name: string, values: Readonly<Record<string, unknown>>) =>
  (link: PlainLink): PlainLink =>
    inBody({ [name]: { ...(link.body[name] as object), ...values } })(link);
