import { join } from 'node:path';
import {
  createFileAccountStore,
  createParleyServer,
  createSqliteHistoryStore,
  type ListenAddress,
  openWorkerTransferHost,
  type ParleyServer,
  type ParleyServerOptions,
  StoreError,
  type TransferHost,
  TransferHostError,
  type WorkerTransferHostOptions,
} from '@parley/server-core';
import type { Logger } from 'pino';
import { describeEndpoints, type Endpoints } from './announcement.ts';
import type { Config } from './config.ts';
import { type LoadedIdentity, loadIdentity } from './identity.ts';
import { logNotes } from './logger.ts';
import { checkShareFolder, makeShareFolder } from './share-folder.ts';

/** A server that could not start. The message says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'start-failed';
}

/** In the data folder. */
const ACCOUNT_FILE = 'accounts.jsonl';

type UdpSocketFigures = Parameters<NonNullable<WorkerTransferHostOptions['onOpened']>>[0];

/** A running server. */
export interface RunningServer {
  readonly server: ParleyServer;
  readonly endpoints: Endpoints;
  /** By which clients know it; `undefined` without TLS. */
  readonly fingerprint: string | undefined;
}

/** Starts everything that the configuration names; rejects with `StartError`, `IdentityError` or `ShareFolderError`. */
export async function serve(config: Config, logger: Logger): Promise<RunningServer> {
  const folder = config.shareFolder ?? (await makeShareFolder(config.dataFolder, logger));
  if (config.shareFolder !== undefined) await checkShareFolder(folder);
  const loaded = await loadIdentity(config);
  const sockets: UdpSocketFigures[] = [];
  let onOpened = (socket: UdpSocketFigures): void => void sockets.push(socket);
  const transferHost = await openTransferHost(config, (socket) => onOpened(socket));
  try {
    const server = createServer(config, { folder, transferHost, loaded });
    server.on('refused', (refusal) => logger.debug({ subsystem: 'door', ...refusal }, 'connection-refused'));
    server.on('note', logNotes(logger));
    server.on('fault', (error) => logger.error({ err: error }, 'fault'));
    const endpoints = { tcp: await listen(server, config), udp: transferHost.address() };
    // A server that does not start says why, and nothing else: only now the first socket is worth a line.
    onOpened = ({ backend, offloadMissing, receiveBufferBytes }) =>
      logger.info({ backend, offloadMissing, receiveBufferBytes }, 'udp-opened');
    sockets.forEach(onOpened);
    const fingerprint = loaded?.fingerprint;
    const history = config.history.sqlite ?? 'memory';
    logger.info({ ...describeEndpoints(endpoints), folder, history, fingerprint }, 'ready');
    if (fingerprint === undefined)
      logger.warn('--insecure: everybody on the way can read and change what is said');
    return { server, endpoints, fingerprint };
  } catch (error) {
    await transferHost.close();
    throw error;
  }
}

function createServer(
  config: Config,
  parts: {
    readonly folder: string;
    readonly transferHost: TransferHost;
    readonly loaded: LoadedIdentity | undefined;
  },
): ParleyServer {
  const { host, port, serverName, motd, admission, dataFolder, udpPortAdvertised } = config;
  const { folder, transferHost, loaded } = parts;
  const advertised = udpPortAdvertised === undefined ? {} : { udpPortAdvertised };
  const tls = loaded === undefined ? {} : { tls: loaded.identity };
  return createParleyServer({
    host,
    port,
    serverName,
    motd,
    admission,
    accountStore: createFileAccountStore(join(dataFolder, ACCOUNT_FILE)),
    ...tls,
    ...limitsAndHistory(config),
    files: {
      folder,
      transferHost,
      uploads: config.uploads,
      uploadLimits: config.uploadLimits,
      ...advertised,
    },
  });
}

function limitsAndHistory({
  history: { sqlite, ageMsMax, entriesMax },
  transferLimits,
}: Config): Pick<ParleyServerOptions, 'historyStore' | 'limits'> {
  const limits = {
    ...transferLimits,
    historyAgeMsMax: ageMsMax,
    ...(entriesMax === undefined ? {} : { historyMessagesMax: entriesMax }),
  };
  return sqlite === undefined ? { limits } : { limits, historyStore: createSqliteHistoryStore(sqlite) };
}

async function listen(server: ParleyServer, { host, port }: Config): Promise<ListenAddress> {
  try {
    return await server.start();
  } catch (error) {
    if (error instanceof StoreError) throw new StartError(error.message, { cause: error });
    throw explain(error, `TCP port ${port}`, '--port', host);
  }
}

async function openTransferHost(
  { host, udpPort, io, qlogFolder: qlogDirectory, rates }: Config,
  onOpened: (socket: UdpSocketFigures) => void,
): Promise<TransferHost> {
  try {
    return await openWorkerTransferHost({ host, port: udpPort, io, qlogDirectory, rates, onOpened });
  } catch (error) {
    throw explain(error, `UDP port ${udpPort}`, '--udp-port', host);
  }
}

function explain(error: unknown, port: string, flag: string, host: string): Error {
  const { message } = error as Error;
  // The UDP socket is opened in another thread, whose error carries the system's code in another place.
  const code = error instanceof TransferHostError ? error.systemCode : (error as NodeJS.ErrnoException).code;
  const problems: Record<string, string> = {
    EADDRINUSE: `${port} is taken: another server runs there, choose another port with ${flag}`,
    EACCES: `${port} needs more rights than this user has, choose one above 1023 with ${flag}`,
    EADDRNOTAVAIL: `${host} is not an address of this machine, choose another one with --host`,
    ENOTFOUND: `${host} is not an address, choose another one with --host`,
  };
  return new StartError(problems[code ?? ''] ?? `${port} cannot be used: ${message}`, { cause: error });
}
