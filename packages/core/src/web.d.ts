/** The few web globals that the pure packages use; browsers, Node and workers all have them. */
interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: { new (): TextEncoder; readonly prototype: TextEncoder };
interface TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: {
  new (label: 'utf-8', options: { readonly fatal: boolean; readonly ignoreBOM: boolean }): TextDecoder;
  readonly prototype: TextDecoder;
};

interface CryptoKey {
  readonly type: string;
}
interface JsonWebKey {
  readonly kty?: string;
  readonly n?: string;
  readonly e?: string;
}
interface SubtleCrypto {
  importKey(
    format: 'jwk',
    key: JsonWebKey,
    algorithm: object,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  importKey(
    format: 'raw',
    key: Uint8Array<ArrayBuffer>,
    algorithm: object,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  verify(
    algorithm: object,
    key: CryptoKey,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}
declare const crypto: { readonly subtle: SubtleCrypto };
