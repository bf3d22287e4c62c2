/** Has this device a check of its own (fingerprint, face, its PIN) that a page may ask for. False where unknown. */
export async function hasPlatformCheck(): Promise<boolean> {
  try {
    return await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  } catch {
    return false;
  }
}
