import { describe } from 'vitest';
import { busContract } from './bus.contract.ts';
import { LocalBus } from './local-bus.ts';

describe('LocalBus', () => {
  busContract(() => Promise.resolve(new LocalBus()));
});
