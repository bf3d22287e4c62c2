import type { Host } from '@palmkey/host';
import type { StatusFact } from '@palmkey/host/control';
import { expect, it } from 'vitest';
import { status } from '../testing/facts.ts';
import { admitted } from './admission.ts';

const relay = (state: 'connecting' | 'connected' | 'waiting' | 'refused', problem: string | null = null) => ({
  ...status,
  relays: status.relays.map((fact) => ({ ...fact, state, problem })),
});

/** A host whose status is each of these in turn. */
function showing(first: StatusFact, ...later: readonly StatusFact[]): Pick<Host, 'status' | 'onChange'> {
  let now = first;
  return {
    status: () => now,
    onChange: (listener) => {
      void Promise.resolve().then(() => {
        for (const next of later) {
          now = next;
          listener();
        }
      });
      return () => undefined;
    },
  };
}
const asked = (...facts: [StatusFact, ...StatusFact[]]) => admitted(showing(...facts), new AbortController().signal);

it.each([
  ['let in', true, [relay('connecting'), relay('connected')]],
  ['out of reach', false, [relay('connecting'), relay('waiting', 'unreachable')]],
  ['locked, and connects to nothing', false, [{ ...status, deviceKeys: 'locked', relays: [] }]],
] as [string, boolean, [StatusFact, ...StatusFact[]]][])(
  'admitted: a computer that is %s: %s',
  async (_, is, facts) => {
    expect(await asked(...facts)).toBe(is);
  },
);

it.each([
  ['not-admitted', 'invitation-refused'],
  ['blocked', 'relay-refuses'],
])('admitted: refused with %s is %s', async (problem, code) => {
  await expect(asked(relay('refused', problem))).rejects.toMatchObject({ code });
});

it('admitted ends when the person wants it to stop', async () => {
  const stopping = new AbortController();
  const waiting = admitted(showing(relay('connecting')), stopping.signal);
  stopping.abort();
  expect(await waiting).toBe(false);
});
