import { createECDH } from 'node:crypto';
import webPush from 'web-push';
import type { SecretStore } from '../store/secret-store.ts';

/** The key pair by which push services know a relay again (RFC 8292), both base64url: 65 and 32 bytes. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The name in the store's `secrets`. */
const NAME = 'vapid';

/**
 * The relay's VAPID keys, made the first time: every registration is bound to them, so that another pair would end all
 * of them. The same on every node of one store. Rejects as the store does.
 */
export async function vapidKeys(secrets: Pick<SecretStore, 'keep'>): Promise<VapidKeys> {
  const fresh = Buffer.from(webPush.generateVAPIDKeys().privateKey, 'base64url');
  const privateKey = Buffer.from(await secrets.keep(NAME, fresh));
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(privateKey);
  return { publicKey: curve.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') };
}
