/** Which keys a server is offered, login after login; at last eight keys at a real sshd that takes six tries. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { fingerprint } from '@palmkey/core/ssh';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Claims } from '../claims/claims.ts';
import { writeKnownHostsCommand } from '../claims/known-hosts-command.ts';
import { startAgent } from '../ssh-agent/agent.ts';
import type { AgentEvent, UserKeyView } from '../ssh-agent/login-ask.ts';
import { realAgent, realSshd, withAgent } from '../testing/real-ssh.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { testUserKey } from '../testing/user-key.ts';
import { MAX_OFFERED } from './choose-offers.ts';
import { KeyOffers } from './key-offers.ts';
import { type KeyRules, KeyRuleStore } from './key-rules.ts';
import { KnownServers } from './known-servers.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

const noRules: KeyRules = { to: new Map(), order: [], off: [] };

describe('KeyOffers', () => {
  const views = (count: number): UserKeyView[] => Array.from({ length: count }, () => testUserKey('ssh-ed25519'));
  const server = { hostKey: testUserKey('ssh-ed25519').blob, name: 'h' };
  const make = (rank: (blob: Uint8Array) => number = () => 0, faults: unknown[] = []) =>
    new KeyOffers({
      rules: { rules: noRules },
      servers: new KnownServers(folder.at('servers.json')),
      rank,
      onFault: (error) => faults.push(error),
    });

  test('within as many logins as it takes, each key has its turn, and then the round begins anew', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), (count) => {
        const [ours, offers] = [views(count), make()];
        for (let round = 0; round < 2; round++) {
          const seen = new Set<UserKeyView>();
          for (let login = 0; login < Math.ceil(count / MAX_OFFERED); login++) {
            const offered = offers.choose(server, ours, []);
            for (const key of offered) seen.add(key);
            offers.unwanted(server, offered);
          }
          expect(seen.size).toBe(count);
        }
      }),
      { numRuns: 24 },
    );
  });

  test('what worked is offered first from then on, also by the next daemon', () => {
    const [ours, offers] = [views(8), make()];
    const last = ours.at(-1)!;
    offers.asked(server);
    offers.worked(server, last.blob);
    expect(offers.choose(server, ours, [])[0]).toBe(last);
    expect(make().choose(server, ours, [])[0]).toBe(last);
    expect(readFileSync(folder.at('servers.json'), 'utf8')).not.toContain('"h"');
  });

  test('what leads somewhere is offered there first, whatever the rules say, and nowhere else', () => {
    const [ours, rules] = [views(8), { ...noRules, off: ['h'] }];
    const lead = ours.at(-1)!;
    const servers = new KnownServers(folder.at('servers.json'));
    const offers = new KeyOffers({ rules: { rules }, servers, rank: () => 0, onFault: () => undefined });
    const held = offers.lead({ key: fingerprint(lead.blob), servers: new Set([fingerprint(server.hostKey)]) });
    const upstream = views(6);
    expect(offers.choose(server, ours, upstream)).toEqual([lead, ...upstream.slice(0, MAX_OFFERED - 1)]);
    expect(offers.choose({ ...server, hostKey: testUserKey('ssh-ed25519').blob }, ours, [])).toEqual([]);
    held[Symbol.dispose]();
    expect(offers.choose(server, ours, [])).toEqual([]);
  });

  test('without a server all are listed, ours before those of the person’s agent', () => {
    const [ours, upstream] = [views(8), views(3)];
    expect(make().choose(null, ours, upstream)).toEqual([...ours, ...upstream]);
  });
});

describe('eight keys at a real sshd with MaxAuthTries 6', () => {
  const ours = Array.from({ length: 8 }, (_, i) => testUserKey('ssh-ed25519', `key${i}`));

  test('the right one is found at the second try at the latest, and at the first from then on', async () => {
    await using sshd = await realSshd(folder.at('sshd'), ['MaxAuthTries 6']);
    await using upstream = await realAgent(folder.path);
    upstream.add('mine');
    const [claimsFile, script] = [folder.at('claims'), folder.at('script')];
    writeKnownHostsCommand(script, claimsFile);
    using claims = new Claims({ path: claimsFile });
    const rules = new KeyRuleStore(folder.at('keys.json'));
    const servers = new KnownServers(folder.at('servers.json'));
    const events: AgentEvent[] = [];
    const signedWith: string[] = [];
    await using agent = await startAgent({
      socketPath: folder.at('run/agent.sock'),
      keys: () => ours,
      sign: ({ key, data, host }) => {
        const holder = ours.find(({ blob }) => fingerprint(blob) === fingerprint(key));
        if (holder === undefined) return Promise.resolve({ is: 'failed', code: 'none' });
        signedWith.push(`${holder.comment} ${host?.name}`);
        return Promise.resolve({ is: 'signed', signature: holder.sign(data) });
      },
      claims,
      upstream: () => upstream.socket,
      offers: new KeyOffers({ rules, servers, rank: () => 0, onFault: (error) => expect(error).toBeUndefined() }),
      onEvent: (event) => void events.push(event),
    });
    const options = ['-F', 'none', '-p', String(sshd.port), '-o', `UserKnownHostsFile=${folder.at('known')}`];
    const quiet = ['-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes', '-o', 'IdentityFile=none'];
    const named = ['-o', 'HostKeyAlias=db.corp', '-o', `KnownHostsCommand=${script} %I %H %t %K`];
    const login = async () => {
      const { code } = await withAgent(agent.socketPath, 'ssh', [
        ...options, ...quiet, ...named, `${sshd.user}@127.0.0.1`, 'true',
      ]); // prettier-ignore
      while (agent.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
      return code;
    };

    sshd.authorize([ours[7]!.line]);
    expect([await login(), await login(), await login()]).toEqual([255, 0, 0]);
    expect(signedWith).toEqual(['key7 db.corp', 'key7 db.corp']);
    expect(events.flatMap((event) => (event.kind === 'listed' ? [event.count] : []))).toEqual([5, 5, 5]);
    expect(sshd.log()).not.toContain('Too many authentication failures');

    // A pattern of the person's comes before what was learned.
    sshd.authorize(ours.map(({ line }) => line));
    rules.offer(fingerprint(ours[3]!.blob), ['*.corp']);
    expect(await login()).toBe(0);
    expect(signedWith.at(-1)).toBe('key3 db.corp');

    rules.switchOff('db.*', true);
    expect(await login()).toBe(255);
    rules.switchOff('db.*', false);
    rules.offer(fingerprint(ours[3]!.blob), ['other.corp']);
    expect(await login()).toBe(0);
    expect(signedWith.at(-1)).toBe('key7 db.corp');
    const { out } = await withAgent(agent.socketPath, 'ssh-add', ['-l']);
    expect(out.trim().split('\n')).toHaveLength(9);
  });
});
