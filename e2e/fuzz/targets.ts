import type { Target } from './target.ts';
import { accountDataTargets } from './targets/account-data.ts';
import { chainTargets } from './targets/chain.ts';
import { cryptoTargets } from './targets/crypto.ts';
import { envelopeTargets } from './targets/envelope.ts';
import { gitTargets } from './targets/git.ts';
import { hostTargets } from './targets/host.ts';
import { messageTargets } from './targets/messages.ts';
import { pairingLinkTargets } from './targets/pairing-link.ts';
import { pairingRunTargets } from './targets/pairing-run.ts';
import { phoneTargets } from './targets/phone.ts';
import { provisioningTargets } from './targets/provisioning.ts';
import { relayClientTargets } from './targets/relay-client.ts';
import { relayTargets } from './targets/relay.ts';
import { sshAgentTargets } from './targets/ssh-agent.ts';
import { sshSignatureTargets } from './targets/ssh-signatures.ts';
import { sshTargets } from './targets/ssh.ts';

/** Every parser of bytes that somebody else may have written. What they hold is given back by each one's `close`. */
export async function allTargets(): Promise<readonly Target[]> {
  return [
    ...envelopeTargets,
    ...(await cryptoTargets()),
    ...(await chainTargets()),
    ...accountDataTargets,
    ...pairingLinkTargets,
    ...(await pairingRunTargets()),
    ...provisioningTargets,
    ...(await messageTargets()),
    ...sshTargets,
    ...sshAgentTargets,
    ...sshSignatureTargets,
    ...gitTargets,
    ...(await relayTargets()),
    ...relayClientTargets,
    ...hostTargets(),
    ...phoneTargets,
  ];
}
