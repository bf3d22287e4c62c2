import { writeFileSync } from 'node:fs';
import { securityPage, securityPageNow } from './sees.ts';

writeFileSync(securityPage, securityPageNow());
