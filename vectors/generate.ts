/** Writes every page of vectors again, and SECURITY.md's list of what the relay sees; the same bytes each time. */
import './generate-account.ts';
import './generate-cpace.ts';
import './generate-devices.ts';
import './generate-ed25519.ts';
import './generate-encoding.ts';
import './generate-frame.ts';
import './generate-git.ts';
import './generate-members.ts';
import './generate-message.ts';
import './generate-pairing.ts';
import './generate-provisioning.ts';
import './generate-requests.ts';
import './generate-security.ts';
import './generate-ssh.ts';
import './generate-way.ts';
