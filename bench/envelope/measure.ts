/** Sealing and opening, ours beside the RSA peer, on any platform: runs in Node and in a page alike. */
import type { Primitives } from '@palmkey/core/crypto';
import { type DeviceKeys, parseDeviceName, type Peer, publicDevice, type PublicDevice } from '@palmkey/core/devices';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { type BenchOptions, median, type Row } from '../rows.ts';
import { generateRsa, importRsaAgain, RsaOpener, type RsaRecipient, RsaSealer } from './rsa-message.ts';

/** What seals and opens on this platform: the primitives that the product uses there. */
export interface Platform {
  readonly name: string;
  readonly primitives: Primitives;
  readonly newDevice: () => Promise<DeviceKeys>;
}

const kib = 1024;
const maxRecipients = 20;
const cases: readonly { readonly bytes: number; readonly recipients: number }[] = [
  { bytes: kib, recipients: 1 },
  { bytes: kib, recipients: 5 },
  { bytes: kib, recipients: 20 },
  { bytes: 16 * kib, recipients: 1 },
  { bytes: 16 * kib, recipients: 20 },
  { bytes: 48 * kib, recipients: 1 },
];
type Agreement = 'cached' | 'fresh';

/** One subject at one case: seals a batch, then opens it. */
interface Subject {
  readonly seal: (content: Content) => Promise<Uint8Array>;
  readonly open: (body: Uint8Array) => Promise<unknown>;
}

interface Samples {
  readonly seal: number[];
  readonly open: number[];
  bytes: number;
}

/** Messages of a batch: a page's clock is coarse, so one reading covers several. */
const batch = 20;

export async function measureEnvelope(
  platform: Platform,
  { quick, only }: Pick<BenchOptions, 'quick' | 'only'>,
): Promise<Row[]> {
  const stage = await buildStage(platform);
  const rows: Row[] = [];
  if (!quick) {
    // Until the engine has compiled what it will: a phone or host that has spoken a while is what the figures are of.
    const subjects = { ours: ourSubject(platform, stage, 1, 'cached'), peer: rsaSubject(platform, stage, 1) };
    await measureCase('warm-up', subjects, ask(platform, kib), quick, 75);
  }
  for (const { bytes, recipients } of cases) {
    for (const agreement of ['cached', 'fresh'] as const) {
      const name = `${bytes / kib} KiB to ${recipients} recipient${recipients === 1 ? '' : 's'}, ${agreement} (${platform.name})`;
      if (!name.includes(only)) continue;
      const subjects = {
        ours: ourSubject(platform, stage, recipients, agreement),
        'rsa-oaep-4096': rsaSubject(platform, stage, recipients),
      };
      rows.push(...(await measureCase(name, subjects, ask(platform, bytes), quick)));
    }
  }
  return rows;
}

async function measureCase(
  name: string,
  subjects: Readonly<Record<string, Subject>>,
  content: Content,
  quick: boolean,
  rounds = quick ? 3 : 25,
): Promise<Row[]> {
  const samples = Object.fromEntries(
    Object.keys(subjects).map((subject): [string, Samples] => [subject, { seal: [], open: [], bytes: 0 }]),
  );
  const warmUp = quick ? 1 : 5;
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [subject, { seal, open }] of Object.entries(subjects)) {
      const bodies: Uint8Array[] = [];
      const sealMs = await timed(async () => {
        for (let i = 0; i < batch; i += 1) bodies.push(await seal(content));
      });
      const openMs = await timed(async () => {
        for (const body of bodies) await open(body);
      });
      const kept = samples[subject];
      if (round < 0 || kept === undefined) continue;
      kept.seal.push(sealMs / batch);
      kept.open.push(openMs / batch);
      kept.bytes = bodies[0]?.length ?? 0;
    }
  }
  return Object.entries(samples).flatMap(([subject, { seal, open, bytes }]) => {
    const row = { bench: 'envelope', case: name, subject };
    return [
      { ...row, metric: 'seal_ms', value: median(seal), unit: 'ms' },
      { ...row, metric: 'open_ms', value: median(open), unit: 'ms' },
      { ...row, metric: 'bytes', value: bytes, unit: 'B' },
    ];
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A computer that asks, and phones that decide; each also with an RSA key. */
interface Stage {
  readonly sender: DeviceKeys;
  readonly asSender: Peer;
  readonly phone: DeviceKeys;
  readonly recipients: readonly (PublicDevice & RsaRecipient)[];
  readonly rsaPrivate: CryptoKey;
}

async function buildStage({ newDevice }: Platform): Promise<Stage> {
  const sender = await newDevice();
  const phone = await newDevice();
  const rsa = await generateRsa();
  const others = await Promise.all(Array.from({ length: maxRecipients - 1 }, newDevice));
  const recipients = await Promise.all(
    // One RSA pair stands in for all: handles of their own cost what keys of their own do, without a minute of making them.
    [phone, ...others].map(async (device) => ({
      ...publicOf(device),
      rsa: await importRsaAgain(rsa.publicKey),
    })),
  );
  const asSender: Peer = { ...publicOf(sender), name: parseDeviceName('laptop'), role: 'asks' };
  return { sender, asSender, phone, recipients, rsaPrivate: rsa.privateKey };
}

function ourSubject(platform: Platform, stage: Stage, count: number, agreement: Agreement): Subject {
  const { primitives } = platform;
  const clock = { now: () => Date.now() };
  const recipients = stage.recipients.slice(0, count);
  const newSealer = () => new Sealer({ primitives, device: stage.sender, clock });
  const newOpener = () =>
    new Opener({
      primitives,
      device: stage.phone,
      role: 'decides',
      peers: { find: () => stage.asSender },
      replay: new MemoryReplayStore(),
      clock,
    });
  let sealer = newSealer();
  let opener = newOpener();
  return {
    seal: (content) => {
      if (agreement === 'fresh') sealer = newSealer();
      return sealer.seal(recipients, content);
    },
    open: (body) => {
      if (agreement === 'fresh') opener = newOpener();
      return opener.open(body);
    },
  };
}

function rsaSubject({ primitives }: Platform, stage: Stage, count: number): Subject {
  const recipients = stage.recipients.slice(0, count);
  const sealer = new RsaSealer(primitives, stage.sender);
  const opener = new RsaOpener({
    primitives,
    id: stage.phone.id,
    privateKey: stage.rsaPrivate,
    sender: stage.asSender,
    replay: new MemoryReplayStore(),
  });
  return { seal: (content) => sealer.seal(recipients, content), open: (body) => opener.open(body) };
}

/** An `ask` with so many bytes of request, which travel as they are. */
function ask({ primitives }: Platform, bytes: number): Content {
  return { kind: 'ask', request: primitives.randomBytes(bytes) };
}

function publicOf({ signer, agreement }: DeviceKeys): PublicDevice {
  return publicDevice(signer.publicKey, agreement.publicKey);
}
