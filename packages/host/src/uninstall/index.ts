/** `palmkey uninstall`: takes Palmkey away again. */
export { inventory } from './known-files.ts';
export type { Inventory } from './known-files.ts';
export { pairedNames, removeHome, stopDaemon } from './uninstall.ts';
export type { RemovedHome } from './uninstall.ts';
export { undoSteps } from './undo-steps.ts';
export type { UndoContext, UndoReport, UndoStep } from './undo-steps.ts';
