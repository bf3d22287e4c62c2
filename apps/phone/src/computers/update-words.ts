import type { ComputerView } from '../model/model.ts';

/** Who has to be updated so that the two understand each other, or null while they do. */
export function updateWords({ update, name }: ComputerView): { title: string; text: string } | null {
  switch (update) {
    case null:
      return null;
    case 'computer':
      return {
        title: `Palmkey on ${name} is too old`,
        text: `This app no longer speaks its version, so it cannot ask here. Update Palmkey on ${name}.`,
      };
    case 'phone':
      return {
        title: `${name} runs a newer Palmkey`,
        text: `It asked for something that this app does not know. Reload this page, or install the newer version where this page is served from.`,
      };
  }
}
