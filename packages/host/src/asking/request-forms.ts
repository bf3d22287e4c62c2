import { encodeRequest, type Request, requestHash, type RequestHash, type RequestOrigin } from '@palmkey/core/requests';
import type { Form } from './asked-phone.ts';

/** One request as each version of spec/requests.md writes it. A phone gets one of the two, and answers by its hash. */
export class RequestForms {
  readonly #bytes: Readonly<Record<Form, Uint8Array>>;
  readonly #hashes: Readonly<Record<Form, RequestHash>>;

  /** @throws FormatError for a request that no phone would take. */
  constructor(request: Request) {
    const second = encodeRequest(request);
    const isSame = request.kind !== 'ssh-sign' || !('directory' in request.origin);
    this.#bytes = {
      1: isSame ? second : encodeRequest({ ...request, origin: withoutDirectory(request.origin) }),
      2: second,
    };
    const hash = requestHash(second);
    this.#hashes = { 1: isSame ? hash : requestHash(this.#bytes[1]), 2: hash };
  }

  bytes(form: Form): Uint8Array {
    return this.#bytes[form];
  }

  hash(form: Form): RequestHash {
    return this.#hashes[form];
  }
}

function withoutDirectory(origin: RequestOrigin): RequestOrigin {
  if (origin.sure === 'none') return origin;
  const { sure, programs, terminal } = origin;
  return { sure, programs, terminal };
}
