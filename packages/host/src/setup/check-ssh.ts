import { execFile } from 'node:child_process';

/** What is to be known of the ssh on this computer. */
export interface SshFacts {
  /** As it names itself, e.g. `OpenSSH_9.2p1 Debian-2+deb12u10`; null where there is none. */
  readonly version: string | null;
  /** Whether it binds its agent to sessions (OpenSSH 8.9 and later): without that no phone can tell which server asks. */
  readonly bindsSessions: boolean;
}

/** What ssh would do for a host. */
export interface EffectiveSettings {
  readonly identityAgent: string | null;
  readonly knownHostsCommand: string | null;
}

/** Asks `ssh -V`. Never throws. */
export async function checkSsh(program = 'ssh'): Promise<SshFacts> {
  const { stderr } = await run(program, ['-V']);
  const version = stderr.split(/[,\n]/)[0]?.trim() ?? '';
  const [, major = '', minor = ''] = /^OpenSSH(?:_for_Windows)?_(\d+)\.(\d+)/.exec(version) ?? [];
  if (version === '' || major === '') return { version: version === '' ? null : version, bindsSessions: false };
  return { version, bindsSessions: Number(major) * 100 + Number(minor) >= 809 };
}

/** Asks `ssh -G`, of the person's config or of the given one, which of the settings that matter hold for a host. Never throws. */
export async function effectiveSettings(host: string, configPath?: string): Promise<EffectiveSettings> {
  const { stdout } = await run('ssh', [...(configPath === undefined ? [] : ['-F', configPath]), '-G', '--', host]);
  const value = (keyword: string) =>
    stdout
      .split('\n')
      .find((line) => line.startsWith(`${keyword} `))
      ?.slice(keyword.length + 1) ?? null;
  return { identityAgent: value('identityagent'), knownHostsCommand: value('knownhostscommand') };
}

function run(program: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 5000 }, (error, stdout, stderr) => {
      const missing = error !== null && 'code' in error && error.code === 'ENOENT';
      resolve(missing ? { stdout: '', stderr: '' } : { stdout, stderr });
    });
  });
}
