/** What a host asks and what a phone answers (spec/requests.md). Pure. */
export { MAX_ANSWER_SIGNATURE_BYTES, refusalCodes } from './answer.ts';
export type { Answer, RefusalCode } from './answer.ts';
export {
  encodeRequest,
  MAX_OBJECT_BYTES,
  MAX_PART_BYTES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_LIFETIME_MS,
  MAX_SSH_DATA_BYTES,
  MAX_WHOLE_OBJECT_BYTES,
  parseRequest,
  parseRequestHash,
  parseRequestId,
  requestHash,
} from './request.ts';
export type {
  FileSignRequest,
  GitSignRequest,
  PingRequest,
  Request,
  RequestHash,
  RequestId,
  RequestOrigin,
  SshSignRequest,
} from './request.ts';
export { agreedProtocol, GREETING_ANSWERED_ONCE_IN_MS, PROTOCOLS } from './speaks.ts';
export type { Agreed, Protocols } from './speaks.ts';
export { NOTICE_AFTER_MS, RECEIVED_GRANTS_MS, Settlement, UNRECEIVED_LIMIT_MS } from './settlement.ts';
export type { Outcome, Settled, SettlementEvent } from './settlement.ts';
