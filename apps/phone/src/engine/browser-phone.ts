import type { PhoneModel } from '../model/model.ts';
import { browserPorts } from './browser-ports.ts';
import { PhoneEngine } from './phone-engine.ts';

/** The app's engine in this browser's page, started. */
export function createPhone(): PhoneModel {
  const engine = new PhoneEngine(browserPorts());
  engine.start();
  return engine;
}
