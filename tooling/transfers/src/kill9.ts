// Kills both ends of one download, again and again, and says what the bytes cost. See `usage`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@parley/netsim';
import { atExit, freePort, runMain } from '@parley/programs';
import { type Relay, startRelay } from '@parley/relay';
import { accountOf } from './kill9/account.ts';
import { checkAndRemove, downloadThrough, makeFile, planDeaths, type Tell } from './kill9/download.ts';
import { parseSettings, type Settings, usage } from './kill9/settings.ts';
import { Victim } from './kill9/victim.ts';
import { namespaceCounter, noCounter, relayCounter, type WireCounter } from './kill9/wire.ts';

const FILE_NAME = 'file.bin';
/** Enough to see what headers, acknowledgements and lost packets cost where nobody dies. */
const CALM_BYTES_MAX = 100_000_000;

const tell: Tell = (line) => void process.stderr.write(`kill9: ${line}\n`);

await runMain({ name: 'test:kill9-transfers', usage }, async (args) => {
  process.stdout.write(`${JSON.stringify(await run(parseSettings(args)))}\n`);
});

async function run(settings: Settings): Promise<object> {
  const size = Math.round(settings.megabytes * 1e6);
  const calmBytes = Math.min(size, CALM_BYTES_MAX);
  tell(`a calm download of ${calmBytes / 1e6} MB`);
  const calm = await measure(settings, calmBytes, 0);
  tell(`${size / 1e6} MB with ${settings.kills} kills of each end`);
  const stormy = await measure(settings, size, settings.kills);
  const wirePerByte = calm.wireBytes.arrived / calmBytes;
  const report = { size, seed: settings.seed, ...stormy };
  if (wirePerByte === 0) return report;
  return {
    ...report,
    // What came over the wire, without what headers and lost packets cost anyway.
    bytesTransferred: Math.round(stormy.wireBytes.arrived / wirePerByte),
    ratio: rounded(stormy.wireBytes.arrived / wirePerByte / size),
    // The same of what was sent: what the line's queue had no room for is in it.
    sentRatio: rounded(stormy.wireBytes.sent / wirePerByte / size),
    wireBytesPerFileByteWhenCalm: rounded(wirePerByte),
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

async function measure(settings: Settings, size: number, kills: number) {
  const root = mkdtempSync(join(tmpdir(), 'parley-kill9-'));
  const takeBack = atExit(() => rmSync(root, { recursive: true, force: true }));
  const [share, folder, logs] = [join(root, 'share'), join(root, 'downloads'), join(root, 'logs')];
  for (const path of [share, folder, logs]) mkdirSync(path);
  const environment = settings.hasAccount ? { PARLEY_QLOG_DIR: logs } : {};
  let relay: Relay | undefined;
  let server: Victim | undefined;
  let client: Victim | undefined;
  try {
    const sha256 = await makeFile(join(share, FILE_NAME), size, settings.isSparse);
    const port = await freePort();
    relay = await relayTo(settings, port);
    server = new Victim('server', {
      prefix: settings.serverPrefix,
      args: serverArguments(settings, { share, data: join(root, 'data'), port, relay }),
      readyLine: /^listening tcp=/,
      environment,
    });
    const place = `${settings.host}:${port}`;
    const args = ['get', place, FILE_NAME, '--nick', 'robot', '--to', folder, '--insecure'];
    client = new Victim('cli-client', { prefix: settings.clientPrefix, args, environment });
    const wire = counterOf(settings, relay);
    await server.start();
    const before = wire();
    const random = createRandom(settings.seed).fork('deaths');
    const deaths = planDeaths(kills, () => random.ratio());
    const result = await downloadThrough(deaths, { server, client, wire, folder, size, tell });
    const after = wire();
    const wireBytes = { sent: after.sent - before.sent, arrived: after.arrived - before.arrived };
    await checkAndRemove(folder, FILE_NAME, sha256);
    const account = settings.hasAccount ? { account: accountOf(logs) } : {};
    return { ...result, wireBytes, ...account };
  } finally {
    await client?.kill();
    await server?.kill();
    await relay?.close();
    takeBack();
    rmSync(root, { recursive: true, force: true });
  }
}

function serverArguments(
  { host }: Settings,
  place: {
    readonly share: string;
    readonly data: string;
    readonly port: number;
    readonly relay: Relay | undefined;
  },
): string[] {
  const { share, data, port, relay } = place;
  const advertised = relay === undefined ? [] : ['--udp-advertise-port', String(relay.address.port)];
  const listening = ['--host', host, '--port', String(port), '--udp-port', String(port), ...advertised];
  return [...listening, '--share', share, '--data', data, '--insecure', '--log-level', 'error'];
}

function counterOf({ serverPrefix, clientPrefix }: Settings, relay: Relay | undefined): WireCounter {
  if (relay !== undefined) return relayCounter(relay);
  return clientPrefix.length > 0
    ? namespaceCounter({ server: serverPrefix, client: clientPrefix })
    : noCounter;
}

async function relayTo(settings: Settings, port: number): Promise<Relay | undefined> {
  const { host, seed, megabitsPerSecond } = settings;
  if (megabitsPerSecond === undefined) return undefined;
  const line = {
    rateBitsPerSecond: megabitsPerSecond * 1e6,
    queueBytesMax: 250_000,
    delayMs: 5,
    mtuBytes: 1500,
  };
  return startRelay({ target: { host, port }, toTarget: line, fromTarget: line, seed });
}
