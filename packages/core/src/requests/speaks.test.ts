import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreedProtocol, PROTOCOLS } from './speaks.ts';

describe('agreedProtocol', () => {
  it('is the newest that both speak', () => {
    expect(agreedProtocol({ from: 1, to: 3 }, { from: 2, to: 5 })).toEqual({ is: 'speaking', protocol: 3 });
    expect(agreedProtocol({ from: 2, to: 9 }, { from: 1, to: 2 })).toEqual({ is: 'speaking', protocol: 2 });
  });

  it('takes one that does not say for one of version 1', () => {
    expect(agreedProtocol(null)).toEqual({ is: 'speaking', protocol: 1 });
    expect(agreedProtocol(null, { from: 2, to: 2 })).toEqual({ is: 'update-peer' });
  });

  it('says who must be updated where no version is common', () => {
    expect(agreedProtocol({ from: PROTOCOLS.to + 1, to: PROTOCOLS.to + 4 })).toEqual({ is: 'update-us' });
    expect(agreedProtocol({ from: 1, to: 1 }, { from: 2, to: 3 })).toEqual({ is: 'update-peer' });
    expect(agreedProtocol({ from: 2, to: 1 })).toEqual({ is: 'update-peer' });
  });

  it('is agreed by both sides alike', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(4))
      .map(([from, more]) => ({ from, to: from + more }));
    fc.assert(
      fc.property(range, range, (a, b) => {
        const [one, other] = [agreedProtocol(a, b), agreedProtocol(b, a)];
        if (one.is === 'speaking') expect(other).toEqual(one);
        else expect([one.is, other.is].toSorted()).toEqual(['update-peer', 'update-us']);
      }),
    );
  });
});
