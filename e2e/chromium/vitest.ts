/**
 * What the suites import as `vitest` when they run in a page: Vitest's own runner, matchers and spies, without its
 * workers and servers, which need Node. A suite that uses more of Vitest than this fails.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  type ExpectStatic,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { fn } from '@vitest/spy';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from '@vitest/runner';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** As Vitest has it; of `expect.poll`, the matchers alone. */
export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
  { poll },
) as ExpectStatic;
Reflect.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect });
setState({ assertionCalls: 0 }, expect);

/** The part of Vitest's that the suites use. */
export const vi = { fn };

/** Any matcher, tried on what `look` returns until it holds; when it does not within a second, it fails as the last try did. */
function poll(look: () => unknown): unknown {
  const trying =
    (name: string | symbol) =>
    async (...args: unknown[]): Promise<void> => {
      const until = performance.now() + 1_000;
      for (;;) {
        try {
          const assertion: object = chai.expect(look());
          const matcher: unknown = Reflect.get(assertion, name);
          if (typeof matcher !== 'function') throw new TypeError(`${String(name)} is no matcher`);
          Reflect.apply(matcher, assertion, args);
          return;
        } catch (error) {
          if (performance.now() > until) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
  return new Proxy({}, { get: (_, name) => trying(name) });
}
