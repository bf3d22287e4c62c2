/** Whether an address leads to the device itself that opens it: of no use on another one. */
export function isOnlyHere(origin: string): boolean {
  const { hostname } = new URL(origin);
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || hostname.startsWith('127.')
  );
}
