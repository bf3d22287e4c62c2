import { expect, test } from 'vitest';
import { otherPrint, pinnedPrint } from '../model/fixture-requests.ts';
import { compareAdminPrint } from './admin-print.ts';

test('compareAdminPrint reads the line that ssh-keygen prints', () => {
  const compare = (text: string) => compareAdminPrint(text, otherPrint, pinnedPrint);
  expect(compare(`256 ${otherPrint} root@prod-3 (ED25519)`)).toBe('same');
  expect(compare(pinnedPrint)).toBe('old');
  expect(compare(`3072 SHA256:${'A'.repeat(43)} x (RSA)\n256 ${otherPrint} y (ED25519)`)).toBe('same');
  expect(compare(`SHA256:${'A'.repeat(43)}`)).toBe('other');
  expect(compare('MD5:aa:bb')).toBe('none');
  expect(compare('  ')).toBe('empty');
});
