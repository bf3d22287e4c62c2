/** A link as a QR code in half blocks: two modules in one character's height. */
import { encodeQR } from 'qr';

export interface QrScreen {
  readonly columns: number;
  /** Whether the terminal writes dark on light. */
  readonly light: boolean;
}

/** The quiet zone, in modules; ISO/IEC 18004 asks for 4, scanners live with 2. */
const borders = [4, 2];
/** The most columns a code may take, however wide the terminal. */
export const maxQrColumns = 80;

/**
 * Lines of a QR code whose background is light and whose modules are dark, on either kind of terminal and without colours.
 * Error correction is medium (15 %) where that fits, else low (7 %). Undefined when even that is too wide.
 */
export function drawQr(text: string, screen: QrScreen): string[] | undefined {
  const columns = Math.min(screen.columns, maxQrColumns);
  for (const ecc of ['medium', 'low'] as const) {
    for (const border of borders) {
      const modules = tryEncode(text, ecc, border);
      if (modules !== undefined && modules.length <= columns) return halfBlocks(modules, screen.light);
    }
  }
  return undefined;
}

/** COLORFGBG is `foreground;background` as colour numbers; 7 and 9 to 15 are light backgrounds. Dark is the guess without it. */
export function isLightTerminal(colorFgBg: string | undefined): boolean {
  return /;(?:7|9|1[0-5])$/.test(colorFgBg ?? '');
}

function tryEncode(text: string, ecc: 'medium' | 'low', border: number): boolean[][] | undefined {
  try {
    return encodeQR(text, 'raw', { ecc, border });
  } catch {
    return undefined;
  }
}

function halfBlocks(modules: readonly (readonly boolean[])[], light: boolean): string[] {
  // The ink of a dark terminal is light, so there the background is what gets inked.
  const inked = (row: readonly boolean[] | undefined, column: number) => (row?.[column] ?? false) === light;
  const lines: string[] = [];
  for (let y = 0; y < modules.length; y += 2) {
    let line = '';
    for (let x = 0; x < modules.length; x += 1) {
      const top = inked(modules[y], x);
      const bottom = y + 1 < modules.length ? inked(modules[y + 1], x) : false;
      line += top ? (bottom ? '█' : '▀') : bottom ? '▄' : ' ';
    }
    lines.push(line);
  }
  return lines;
}
