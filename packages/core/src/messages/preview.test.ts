import { MAX_PUSH_BYTES } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { webPrimitives } from '../crypto/index.ts';
import { parseRequestHash } from '../requests/index.ts';
import { fixedBytes, fixedDevice } from '../testing/fixed-keys.ts';
import { publicOf } from '../testing/forge-message.ts';
import { encodeContent, parseContent, type Content } from './content.ts';
import { cutPreview, type Previewed } from './preview.ts';
import { Sealer } from './sealer.ts';

const hash = parseRequestHash(fixedBytes('request'));
const preview = (of: Previewed): Content => ({ kind: 'preview', hash, of });
/** Four bytes in UTF-8, two code units in JavaScript. */
const key = '\u{1f511}';
const largest: readonly Previewed[] = [
  { what: 'login', user: key.repeat(64), server: { name: key.repeat(128), port: 65_535 } },
  { what: 'commit', subject: key.repeat(256), repository: key.repeat(128) },
  { what: 'tag', subject: key.repeat(256), repository: key.repeat(128) },
  { what: 'file', namespace: key.repeat(128) },
];

describe('a preview', () => {
  it.each(largest)('of the largest $what fits one push when it is sealed', async (of) => {
    const [host, phone] = await Promise.all([fixedDevice('host'), fixedDevice('phone')]);
    const clock = { now: () => Number.MAX_SAFE_INTEGER - 3_600_000 };
    const sealer = new Sealer({ primitives: webPrimitives, device: host, clock });
    const body = await sealer.seal([publicOf(phone)], preview(of));
    expect(body.length).toBeLessThanOrEqual(MAX_PUSH_BYTES);
  });

  it.each(largest)('of the largest $what is not cut, and a character more is no preview', (of) => {
    expect(cutPreview(of)).toEqual(of);
    const longer = Object.fromEntries(
      Object.entries(of).map(([name, value]) => [
        name,
        name !== 'what' && typeof value === 'string' ? value + key : value,
      ]),
    ) as Previewed;
    expect(() => encodeContent(preview(longer))).toThrow('not');
    expect(parseContent(encodeContent(preview(cutPreview(longer))))).toEqual(preview(cutPreview(longer)));
  });
});

describe('cutPreview', () => {
  it('leaves what is short as it is', () => {
    const of: Previewed = { what: 'login', user: 'ada', server: { name: 'prod.example.org', port: 22 } };
    expect(cutPreview(of)).toEqual(of);
  });

  it('ends what it cuts with an ellipsis', () => {
    const cut = cutPreview({ what: 'commit', subject: 'x'.repeat(300), repository: 'y'.repeat(300) });
    expect(cut).toEqual({ what: 'commit', subject: `${'x'.repeat(255)}…`, repository: `${'y'.repeat(127)}…` });
  });

  it('takes a server without a name for none', () => {
    expect(cutPreview({ what: 'login', user: 'ada', server: { name: '', port: 22 } })).toMatchObject({ server: null });
    expect(cutPreview({ what: 'tag', subject: '', repository: '' })).toMatchObject({ repository: null });
  });

  it('makes any text one that a phone takes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 600 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 65_535 }), (a, b, port) => {
        const all: readonly Previewed[] = [
          { what: 'login', user: a, server: { name: b, port } },
          { what: 'commit', subject: a, repository: b },
          { what: 'file', namespace: a },
        ];
        for (const of of all) encodeContent(preview(cutPreview(of)));
      }),
    );
  });
});
