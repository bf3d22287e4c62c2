/**
 * What the readers find of `encoding.json`, `account.json`, and the relay's orders about chains in `frame.json`: parts
 * as `judge.mjs` has them.
 */
import { attempt, bytes, without } from './hexed.mjs';
import { whole } from './messagepack.mjs';
import { readOrder } from './read-orders.mjs';
import { readSkeleton } from './read-way.mjs';
import { readLinks, verifyChain, verifyPinned } from './verify-chain.mjs';

const linksOf = (links) => links.map(({ json, signature }) => ({ json, signature: bytes(signature) }));
/** What a page says of a valid chain, from the one `encoded` to those of `valid`. */
const chainNamed = (page, name) => page.valid.find((each) => each.name === name);

/** The parts of `encoding.json`. */
export const encoding = {
  valid: {
    finds: ({ bytes: encoded }) => whole(bytes(encoded)),
    says: ({ value }) => value,
  },
  validBytes: {
    finds: ({ bytes: encoded }) => whole(bytes(encoded)),
    says: ({ length }) => '00'.repeat(length),
  },
  invalid: {
    finds: ({ bytes: encoded }) => (attempt(() => [whole(bytes(encoded))]) === null ? 'bad-format' : null),
    says: ({ code }) => code,
    contrary: () => ({ bytes: 'c0' }),
  },
};

/** The parts of `account.json`. */
export const account = {
  encoded: {
    finds: ({ bytes: encoded }) => readLinks(bytes(encoded)),
    says: ({ name }, page) => chainNamed(page, name).links,
  },
  skeleton: {
    finds: ({ bytes: json }) => readSkeleton(bytes(json)),
    says: ({ name, ctime, signer }, page) => {
      const { account, head } = chainNamed(page, name);
      const body = { device: null, reverseSig: null };
      return { account, body, ctime, prev: head.hash, seqno: head.seqno + 1, signer, type: 'sibkey', v: 1 };
    },
  },
  valid: {
    finds: ({ links }) => verifyChain(linksOf(links)),
    says: (vector) => ({ valid: true, ...without(vector, 'name', 'links') }),
  },
  invalid: {
    finds: ({ links }) => verifyChain(linksOf(links)),
    says: ({ seqno, code }) => ({ valid: false, seqno, code }),
    told: ['seqno', 'code'],
    contrary: (page) => ({ links: page.valid[0].links }),
  },
  pins: {
    finds: ({ saved, links, pin }) => {
      const { valid, seqno, code } = verifyPinned(linksOf(saved), linksOf(links), pin);
      return valid ? {} : { seqno, code };
    },
    says: ({ seqno, code }) => ({ seqno, code }),
    contrary: ({ pins }, { code }) => code && without(pins[0], 'name'),
    told: ['seqno', 'code'],
  },
};

/** The parts of `frame.json`. */
export const frame = {
  ...Object.fromEntries(
    [
      'chainPost',
      'chainPart',
      'chainGrant',
      'chainAsk',
      'chainHead',
      'chainBoxesAsk',
      'chainBoxes',
      'chainReadAsk',
      'accountRecords',
      'chainWrite',
      'chainWritten',
      'accountData',
    ].map((of) => [
      `bodies.${of}`,
      {
        finds: ({ bytes: body }) => readOrder(of, bytes(body)),
        says: (vector) => without(vector, 'bytes'),
        open: [],
      },
    ]),
  ),
  invalidBodies: {
    finds: ({ of, bytes: body }) => (readOrder(of, bytes(body)) === null ? 'bad-frame' : null),
    says: ({ code }) => code,
    contrary: ({ bodies, errors }, { of }) => {
      const right = of === 'refusal' ? errors.find(({ refusal }) => refusal) : [bodies[of]].flat()[0];
      return { bytes: right.bytes };
    },
  },
};
