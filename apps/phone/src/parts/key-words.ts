const names: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'Ed25519',
  'ecdsa-sha2-nistp256': 'P-256',
  'ssh-rsa': 'RSA',
  'rsa-sha2-512': 'RSA',
};

/** What people call a type of key; one that is not ours stays as it is written. */
export function keyTypeWords(type: string): string {
  return names[type] ?? type;
}
