import { expect, test } from 'vitest';
import { isApplePhone, isShareSheetBrowser } from './install-offer.ts';

const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const ipad =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';
const android =
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

test('Safari on iPhone and iPad installs through the share sheet', () => {
  expect(isShareSheetBrowser(iphone, 5)).toBe(true);
  expect(isShareSheetBrowser(ipad, 5)).toBe(true);
});
test('a Mac, Android and other browsers on iPhone do not', () => {
  expect(isShareSheetBrowser(ipad, 0)).toBe(false);
  expect(isShareSheetBrowser(android, 5)).toBe(false);
  expect(isShareSheetBrowser(iphone.replace('Version/18.0', 'CriOS/140.0'), 5)).toBe(false);
});
test('isApplePhone holds for every browser there', () => {
  expect(isApplePhone(iphone.replace('Version/18.0', 'CriOS/140.0'), 5)).toBe(true);
  expect(isApplePhone(ipad, 0)).toBe(false);
  expect(isApplePhone(android, 5)).toBe(false);
});
