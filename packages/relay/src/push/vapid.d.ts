import type { SecretStore } from '../store/secret-store.ts';
/** The key pair by which push services know a relay again (RFC 8292), both base64url: 65 and 32 bytes. */
export interface VapidKeys {
    readonly publicKey: string;
    readonly privateKey: string;
}
/**
 * The relay's VAPID keys, made the first time: every registration is bound to them, so that another pair would end all
 * of them. The same on every node of one store. Rejects as the store does.
 */
export declare function vapidKeys(secrets: Pick<SecretStore, 'keep'>): Promise<VapidKeys>;
