/** The few web globals that the pure packages use; browsers, Node and workers all have them. */
interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: { new (): TextEncoder; readonly prototype: TextEncoder };
interface TextDecoder {
  readonly encoding: string;
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: {
  new (label: string, options: { readonly fatal: boolean; readonly ignoreBOM: boolean }): TextDecoder;
  readonly prototype: TextDecoder;
};

interface URL {
  readonly hostname: string;
  readonly origin: string;
  readonly protocol: string;
  readonly pathname: string;
  readonly hash: string;
}
declare const URL: { new (text: string): URL; readonly prototype: URL };

interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
interface AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}
declare const AbortController: { new (): AbortController; readonly prototype: AbortController };

interface CryptoKey {
  readonly type: string;
}
interface CryptoKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}
interface JsonWebKey {
  readonly kty?: string;
  readonly crv?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
}
interface SubtleCrypto {
  generateKey(algorithm: object, extractable: boolean, usages: readonly string[]): Promise<CryptoKeyPair>;
  importKey(
    format: 'jwk',
    key: JsonWebKey,
    algorithm: object,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  importKey(
    format: 'raw' | 'pkcs8',
    key: Uint8Array<ArrayBuffer>,
    algorithm: object,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  exportKey(format: 'raw', key: CryptoKey): Promise<ArrayBuffer>;
  exportKey(format: 'jwk', key: CryptoKey): Promise<JsonWebKey>;
  deriveBits(algorithm: object, key: CryptoKey, length: number): Promise<ArrayBuffer>;
  digest(algorithm: 'SHA-256' | 'SHA-512', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  encrypt(algorithm: object, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  decrypt(algorithm: object, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  sign(algorithm: object, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  verify(
    algorithm: object,
    key: CryptoKey,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}
declare const crypto: {
  readonly subtle: SubtleCrypto;
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
};
