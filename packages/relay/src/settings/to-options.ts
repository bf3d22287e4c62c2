import { RelayStartError, type RelayStartFault } from '../errors.ts';
import { checkOptions, type BusAccess, type PushOptions, type RelayOptions } from '../options.ts';
import type { Settings } from './table.ts';

/** What a configuration leaves to whoever starts the relay. */
export interface Surroundings extends Pick<RelayOptions, 'logger'> {
  /** The store where none is set. */
  readonly store: string;
  /** The folder of the app where none is set. */
  readonly appDir: string;
}

/** A checked configuration as `startRelay` takes it. */
export function relayOptions(settings: Settings, { logger, ...left }: Surroundings): RelayOptions {
  const { bus, githubClientId, githubSecret, pushContact, metricsToken } = settings;
  const appDir = settings.app ?? left.appDir;
  return {
    host: settings.listen,
    port: settings.port,
    origins: settings.publicUrl,
    admission: settings.admission,
    openToAnyone: settings.openToAnyone,
    store: settings.store ?? left.store,
    ...(bus !== undefined && { bus, busAccess: busAccess(settings) }),
    ...(githubClientId !== undefined &&
      githubSecret !== undefined && {
        github: {
          clientId: githubClientId,
          clientSecret: githubSecret,
          users: settings.githubUsers,
          organisations: settings.githubOrganisations,
          appOrigins: settings.appOrigins,
          webUrl: settings.githubUrl,
          apiUrl: settings.githubApiUrl,
        },
      }),
    ...(pushContact !== undefined && { push: pushOptions(settings, pushContact) }),
    mail: {
      lifetimeS: settings.mailTime / 1000,
      totalBytes: settings.mailMemory,
      mailboxMessages: settings.mailboxMessages,
      mailboxBytes: settings.mailboxSize,
    },
    rates: {
      burstFrames: settings.framesAtOnce,
      framesPerSecond: settings.framesPerSecond,
      burstFramesOfAccount: settings.accountFramesAtOnce,
      framesPerSecondOfAccount: settings.accountFramesPerSecond,
      connectionsPerAddress: settings.connectionsPerAddress,
      connectionsPerMinute: settings.connectionsPerMinute,
      postsPerMinute: settings.postsPerMinute,
    },
    maxDevices: settings.maxDevices,
    strangersPerHour: settings.strangersPerHour,
    retentionDays: settings.retentionDays,
    ...(appDir !== false && { appDir }),
    ...(metricsToken !== undefined && { metricsToken }),
    maxConnections: settings.maxConnections,
    trustProxy: settings.trustProxy,
    drainMs: settings.drainTime,
    logger,
  };
}

function pushOptions({ pushServices: services, pushCa: ca }: Settings, contact: string): PushOptions {
  return { contact, services, ...(ca !== undefined && { ca }) };
}

function busAccess({ busCa: ca, busCertificate: certificate, busKey: key, busCredentials }: Settings): BusAccess {
  return {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(busCredentials !== undefined && { credentials: busCredentials }),
  };
}

/** Why a relay would not start by what its settings say together; null where they go together. */
export function contradictionIn(settings: Settings): RelayStartFault | null {
  const { listen: host, publicUrl: origins, admission, openToAnyone, pushContact: contact } = settings;
  const push = contact === undefined ? {} : { push: pushOptions(settings, contact) };
  try {
    checkOptions({ host, origins, admission, openToAnyone, ...push });
    return null;
  } catch (error) {
    if (error instanceof RelayStartError) return error.code;
    throw error;
  }
}
