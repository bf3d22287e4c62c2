/** The same measurement in a page, with keys that cannot be exported, as the app has them. */
import { webAgreement, webPrimitives, webSigner } from '@palmkey/core/crypto';
import { deviceKeys } from '@palmkey/core/devices';
import type { BenchOptions, Row } from '../../rows.ts';
import { measureEnvelope } from '../measure.ts';

declare global {
  interface Window {
    measure(options: Pick<BenchOptions, 'quick' | 'only'>): Promise<Row[]>;
  }
}

window.measure = (options) =>
  measureEnvelope(
    {
      name: 'Chromium',
      primitives: webPrimitives,
      newDevice: async () =>
        deviceKeys(
          await webSigner(await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])),
          await webAgreement(await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])),
        ),
    },
    options,
  );
