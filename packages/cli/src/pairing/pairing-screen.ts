/** Where a pairing talks with the person. */
export interface PairingScreen {
  /** Shows the link. */
  link(url: string): void;
  arrived(): void;
  /** Asks for the six digits; `attempt` counts from 1 to 3. Throws what `signal` was aborted with, or CliError `no-input`. */
  askCode(attempt: number, phone: string, signal: AbortSignal): Promise<string>;
  finishing(): void;
}

/** Six digits as typed, without the spaces that people put between; undefined when it is something else. */
export function parseCode(typed: string): string | undefined {
  const digits = typed.replace(/[\s-]/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}
