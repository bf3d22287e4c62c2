import { verifyUserSignature, webHostKeyVerifier } from '@palmkey/core/ssh';
import { gitSignedData } from '@palmkey/core/git';
import { MAX_PART_BYTES, parseRequestHash } from '@palmkey/core/requests';
import { fromHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import type { GitView } from '../model/request-view.ts';
import { quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';
import { commitText, fileRequest, gitRequest, servePart } from './testing/sign-request.ts';

let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const common = () => ({ key: phone.key, now: phone.browser.clock.now() });
/** About so many bytes of a commit. */
const long = (bytes: number) => commitText(`Long\n\n${'All of it is shown, line after line.\n'.repeat(bytes / 37)}`);

async function asked(text?: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await phone.host.ask(await gitRequest({ ...common(), ...(text !== undefined && { text }) }));
  await until('shown', () => phone.waits(hash));
  return hash;
}

function view(hash: string): GitView {
  const found = phone.view(hash);
  if (found?.kind !== 'git') throw new Error('no commit on the screen');
  return found;
}

async function signs(hash: string, text: Uint8Array): Promise<boolean> {
  const answer = await phone.answer(hash);
  if (answer.is !== 'approve') return false;
  return verifyUserSignature(webHostKeyVerifier, phone.key, answer.signature, await gitSignedData(text));
}

/** Answers wants until nothing is wanted any more. */
async function serve(hash: string, text: Uint8Array): Promise<void> {
  let served = 0;
  const parts = Math.ceil(text.length / MAX_PART_BYTES);
  while (served < parts) {
    await until('wants', () => phone.host.wants(hash).length > served);
    const wants = phone.host.wants(hash);
    expect(wants.length - served).toBeLessThanOrEqual(4);
    for (const from of wants.slice(served)) await servePart(phone.host, hash, text, from);
    served = wants.length;
  }
}

describe('a commit', () => {
  test('is shown as it is, signed over its very bytes, and told in the history', async () => {
    const hash = await asked();
    expect(view(hash)).toMatchObject({
      repository: { directory: '~/src/shop', remote: 'git@example.org:shop.git' },
      directory: '~/src/shop',
      size: commitText().length,
      here: commitText().length,
      decoded: 'utf-8',
      unusual: [],
      canPass: false,
      object: {
        is: 'commit',
        tree: '1'.repeat(40),
        parents: ['2'.repeat(40)],
        author: { name: 'Ada Example', email: 'ada@example.org', at: 1_773_320_700_000, zone: '+0100' },
        subject: 'Keep the order of the queue',
        message: 'Keep the order of the queue\n\nIt matters.\n',
      },
    });
    expect(phone.tab.engine.gitText(hash, 0, 5)).toEqual({ text: 'tree ', total: commitText().length });
    await phone.tab.engine.decide(hash, 'approve');
    expect(phone.snapshot.aftermath).toMatchObject({ title: 'Keep the order of the queue', permission: null });
    expect(await signs(hash, commitText())).toBe(true);
    expect(phone.line(hash)).toMatchObject({
      kind: 'git', subject: 'Keep the order of the queue', repository: 'git@example.org:shop.git', by: 'person',
      user: null, keyName: 'Work',
    }); // prettier-ignore
  });

  test('with characters that are not what they look like says so; line ends and emoji are', async () => {
    expect(view(await asked(commitText('one\n\n\ttwo \u{1F469}\u200D\u{1F4BB} \u2764\uFE0F\n'))).unusual).toEqual([]);
    for (const odd of ['\u202e', '\u200b', '\u0007', '\u2066', '\u00ad', '\ufeff', 'a\rb'])
      expect(view(await asked(commitText(`x${odd}y\n`))).unusual).toEqual(['hidden-characters']);
  });

  test('that a git would read in another encoding than it is shown in says so', async () => {
    const unusual = async (message: string, encoding: string) =>
      view(await asked(commitText(message, [`encoding ${encoding}`]))).unusual;
    expect(await unusual('plain\n', 'ISO-8859-1')).toEqual([]);
    expect(await unusual('Gr\u00fc\u00dfe\n', 'utf8')).toEqual([]);
    expect(await unusual('Gr\u00fc\u00dfe\n', 'ISO-8859-1')).toEqual(['hidden-characters']);
    for (const encoding of ['UTF-7', 'UTF-16', 'ISO-2022-JP', 'nobody-knows'])
      expect(await unusual('+ADw-plain\n', encoding)).toEqual(['hidden-characters']);
  });

  test('that is none is refused', async () => {
    for (const text of ['hello', 'tree 1\n\n', 'certificate version 0.1\npusher x\n\n']) {
      const request = await gitRequest({ ...common(), text: new TextEncoder().encode(text) });
      expect(await phone.answer(await phone.host.ask(request))).toMatchObject({ is: 'refuse', code: 'unparsable' });
    }
  });
});

describe('a text in parts', () => {
  test('of 5 MB is fetched by at most four wants at a time, shown, paged and signed', async () => {
    const text = long(5_000_000);
    const hash = await asked(text);
    expect(view(hash)).toMatchObject({ size: text.length, here: 0, object: null, offers: [] });
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'not-here' });
    expect(phone.tab.engine.gitText(hash, 0, 10)).toEqual({ text: '', total: 0 });
    await serve(hash, text);
    await until('whole', () => view(hash).object !== null);
    expect(view(hash)).toMatchObject({ here: text.length, object: { subject: 'Long' } });
    expect(view(hash).object?.message).toBe(new TextDecoder().decode(text).split('\n\n').slice(1).join('\n\n'));
    const end = phone.tab.engine.gitText(hash, text.length - 6, 100);
    expect(end).toEqual({ text: 'line.\n', total: text.length });
    await phone.tab.engine.decide(hash, 'approve');
    expect(await signs(hash, text)).toBe(true);
  });

  test('says how far it is, and wants again what a connection took', async () => {
    const text = long(300_000);
    const hash = await asked(text);
    await until('wants', () => phone.host.wants(hash).length === 4);
    await servePart(phone.host, hash, text, MAX_PART_BYTES);
    await until('progress', () => view(hash).here === MAX_PART_BYTES);
    phone.browser.relay().goDown();
    phone.browser.relay().comeUp();
    phone.host.connect();
    phone.host.heard.length = 0;
    await phone.host.greet();
    await until('wants again', () => new Set(phone.host.wants(hash)).size === 4);
    expect(phone.host.wants(hash)).not.toContain(MAX_PART_BYTES);
    for (let from = 0; from < text.length; from += MAX_PART_BYTES) {
      await until('its want', () => from === MAX_PART_BYTES || phone.host.wants(hash).includes(from));
      await servePart(phone.host, hash, text, from);
    }
    await until('whole', () => view(hash).object !== null);
  });

  test('is fetched anew after a reload', async () => {
    const text = long(100_000);
    const hash = await asked(text);
    await until('wants', () => phone.host.wants(hash).length > 0);
    await servePart(phone.host, hash, text, 0);
    phone.host.heard.length = 0;
    await phone.reload();
    expect(view(hash).here).toBe(0);
    await serve(hash, text);
    await until('whole', () => view(hash).object !== null);
    await phone.tab.engine.decide(hash, 'approve');
    expect(await signs(hash, text)).toBe(true);
  });

  test('of one computer comes after the one before it', async () => {
    const text = long(100_000);
    const [first, second] = [await asked(text), await asked(long(90_000))];
    await until('wants', () => phone.host.wants(first).length > 0);
    await quiet();
    expect(phone.host.wants(second)).toEqual([]);
    await phone.tab.engine.decide(first, 'reject');
    await serve(second, long(90_000));
    await until('whole', () => view(second).object !== null);
  });

  const wrong = [
    ['of other bytes', (text: Uint8Array) => text.map((byte, i) => (i === 200 ? byte ^ 1 : byte)), 0],
    ['that is too short', (text: Uint8Array) => text.slice(0, MAX_PART_BYTES - 1), 0],
    ['that was not wanted', (text: Uint8Array) => text, 7],
  ] as const;
  test.each(wrong)('%s is refused', async (_, spoil, from) => {
    const text = long(100_000);
    const hash = await asked(text);
    await until('wants', () => phone.host.wants(hash).length === 3);
    await servePart(phone.host, hash, spoil(text), from);
    for (const offset of phone.host.wants(hash).slice(1)) await servePart(phone.host, hash, text, offset);
    expect(await phone.answer(hash)).toMatchObject({ is: 'refuse', code: 'unparsable' });
    expect(phone.waits(hash)).toBe(false);
  });

  test('of another computer, or for a request that is over, does nothing', async () => {
    const hash = await asked(long(100_000));
    await phone.tab.engine.decide(hash, 'reject');
    await servePart(phone.host, hash, long(100_000), 0);
    await phone.host.say({
      kind: 'part', hash: parseRequestHash(fromHex('00'.repeat(32))), from: 0, bytes: new Uint8Array(9),
    }); // prettier-ignore
    await asked();
    expect(phone.host.decisions(hash).map(({ answer }) => answer.is)).toEqual(['reject']);
  });

  test('is signed by a permission once it is whole', async () => {
    const first = await asked();
    await phone.tab.engine.decide(first, 'approve', { scope: 'commits', minutes: 30 });
    const text = long(100_000);
    const hash = await phone.host.ask(await gitRequest({ ...common(), text }));
    await serve(hash, text);
    expect(await signs(hash, text)).toBe(true);
    expect(phone.line(hash)).toMatchObject({ by: 'permission', subject: 'Long' });
    expect(phone.waits(hash)).toBe(false);
  });
});

describe('a file', () => {
  test('is shown by its hash, and always asked', async () => {
    const request = fileRequest(common());
    const hash = await phone.host.ask(request);
    await until('shown', () => phone.waits(hash));
    expect(phone.view(hash)).toMatchObject({
      kind: 'file', namespace: 'file', hashAlgorithm: 'sha512', digest: '09'.repeat(64), unusual: ['hash-only'],
      offers: [], canPass: false,
    }); // prettier-ignore
    await phone.tab.engine.decide(hash, 'approve');
    const answer = await phone.answer(hash);
    const verifies =
      answer.is === 'approve' &&
      (await verifyUserSignature(webHostKeyVerifier, phone.key, answer.signature, request.data));
    expect(verifies).toBe(true);
    expect(phone.line(hash)).toMatchObject({ kind: 'file', subject: 'file', by: 'person' });
  });

  test('of the namespace git is refused: its text has to be in sight', async () => {
    const hash = await phone.host.ask(fileRequest({ ...common(), namespace: 'git' }));
    expect(await phone.answer(hash)).toMatchObject({ is: 'refuse', code: 'unparsable' });
  });
});
