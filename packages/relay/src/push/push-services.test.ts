import { describe, expect, test } from 'vitest';
import { PushServices } from './push-services.ts';

const services = new PushServices(['push.example:8443', '*.own.example', '[::1]:9443']);

test.each([
  'https://fcm.googleapis.com/fcm/send/abc:def',
  'https://jmt17.google.com/fcm/send/abc',
  'https://updates.push.services.mozilla.com/wpush/v2/abc',
  'https://wns2-par02p.notify.windows.com/w/?token=abc',
  'https://web.push.apple.com/abc',
  'https://push.example:8443/abc',
  'https://a.b.own.example/abc',
  'https://[::1]:9443/abc',
  'HTTPS://FCM.GoogleAPIs.com:443/abc',
])('%s is at a known push service', (endpoint) => {
  expect(services.find(endpoint)?.protocol).toBe('https:');
});

test.each([
  'http://fcm.googleapis.com/abc',
  'https://fcm.googleapis.com:8443/abc',
  'https://fcm.googleapis.com.example/abc',
  'https://fcm.googleapis.com@10.0.0.1/abc',
  'https://user:pw@fcm.googleapis.com/abc',
  'https://notify.windows.com/abc',
  'https://evilpush.apple.com/abc',
  'https://push.example/abc',
  'https://own.example/abc',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost/abc',
  'https://[::1]/abc',
  'no address',
])('%s is not', (endpoint) => {
  expect(services.find(endpoint)).toBeNull();
});

describe('what an operator adds', () => {
  test.each(['', 'https://push.example', 'push.example/path', 'a b', 'user@push.example', '*', '*.'])(
    '%j is no host',
    (service) => {
      expect(() => new PushServices([service])).toThrow(TypeError);
    },
  );
});
