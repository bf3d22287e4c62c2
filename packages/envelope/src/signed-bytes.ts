import { ascii, concat } from './bytes.ts';

/** What a signature is for; each context belongs to one page of spec/, so that no signature fits another place. */
export type SignatureContext =
  | 'message'
  | 'relay-connect'
  | 'relay-sign-in'
  | 'pairing-phone'
  | 'pairing-host'
  | 'account-link'
  | 'account-device'
  | 'account-move'
  | 'account-record';

/** What is signed for a message: `"palmkey/" ‖ context ‖ "/1" ‖ 0x00 ‖ message` (spec/README.md, "Signatures"). */
export function signedBytes(context: SignatureContext, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(ascii(`palmkey/${context}/1\0`), message);
}
