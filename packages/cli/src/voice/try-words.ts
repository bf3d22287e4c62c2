import { visible } from './visible.ts';

/** What the try-server says. */
export const tryWords = {
  welcome: (key: string, phone: string): string[] => [
    '',
    `You are in. The key ${visible(key)} on ${visible(phone)} signed this login, and never left it.`,
    'This server is part of Palmkey and runs no commands. Type exit to leave.',
    '',
  ],
  noCommands: 'Nothing runs here: this server only shows that the login works.',
  bye: 'Bye.',
} as const;
