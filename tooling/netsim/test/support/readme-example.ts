import { Pair } from '@parley/netsim';
import { StopAndWait } from './stop-and-wait.ts';

const pair = new Pair({
  seed: 7,
  client: new StopAndWait(),
  server: new StopAndWait(),
  link: { delayMs: 25, jitterMs: 5, loss: 0.1, rateBitsPerSecond: 100e6 },
  toServer: { drop: (index) => index === 0 }, // the first packet never arrives
});

pair.client.endpoint.send(pair.now, pair.server.address, [1, 2, 3]);
pair.schedule(200, () => pair.network.rebind('client', { host: '198.51.100.1', port: 61_000 }));
pair.runUntil(() => pair.server.events.length === 3, { limitMs: 10_000 });

export const delivered = pair.server.events.length;
export const lost = pair.trace.select({ from: 'client', fate: 'loss' }).length;
export const packetsToServer = pair.toServer.counters.packetsOffered;
