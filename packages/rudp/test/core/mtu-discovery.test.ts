import { describe, expect, test } from 'vitest';
import { MtuDiscovery } from '../../src/core/paths/mtu-discovery.ts';

/** Answers every probe as a path of this UDP payload size does, until none is due; returns the sizes probed for. */
function search(mtu: MtuDiscovery, pathBytes: number, now = 0): number[] {
  const probes: number[] = [];
  for (;;) {
    const bytes = mtu.probeDue(now);
    if (bytes === undefined) return probes;
    probes.push(bytes);
    expect(probes.length).toBeLessThan(100);
    mtu.onProbeSent();
    if (bytes <= pathBytes) mtu.onProbeAcknowledged(bytes, now);
    else mtu.onProbeLost(now);
  }
}

describe('the search', () => {
  // RUDP-MTU-1
  test('starts at 1,200 bytes and needs one probe where the largest size passes', () => {
    const mtu = new MtuDiscovery(1472);
    expect(mtu.current).toBe(1200);
    expect(search(mtu, 1472)).toEqual([1472]);
    expect(mtu.current).toBe(1472);
  });

  // RUDP-MTU-1, RUDP-MTU-2
  test.each([1200, 1201, 1219, 1220, 1221, 1335, 1336, 1372, 1400, 1451, 1452, 1471])(
    'on a path of %i bytes it ends at most 20 below, and never above',
    (pathBytes) => {
      const mtu = new MtuDiscovery(1472);
      search(mtu, pathBytes);
      expect(mtu.current).toBeLessThanOrEqual(pathBytes);
      expect(mtu.current).toBeGreaterThan(pathBytes - 20);
    },
  );

  // RUDP-MTU-2
  test('gives a size up after its third loss', () => {
    expect(search(new MtuDiscovery(1472), 1400)).toEqual([
      1472, 1472, 1472, 1336, 1404, 1404, 1404, 1370, 1387,
    ]);
  });

  // RUDP-MTU-2
  test('a size that passes at the third try counts', () => {
    const mtu = new MtuDiscovery(1472);
    for (let lost = 0; lost < 2; lost += 1) {
      mtu.onProbeSent();
      mtu.onProbeLost(0);
    }
    expect(mtu.probeDue(0)).toBe(1472);
    mtu.onProbeSent();
    mtu.onProbeAcknowledged(1472, 0);
    expect(mtu.current).toBe(1472);
  });

  // RUDP-MTU-1
  test.each([
    [1500, [1472, 8952], 1472],
    [8952, [1472, 8952, 16_384], 8952],
    [20_000, [1472, 8952, 16_384, 32_768], 16_384],
    [65_507, [1472, 8952, 16_384, 32_768, 65_000], 65_000],
  ])('climbs above an Ethernet with one probe on each rung: %i', (pathBytes, probes, current) => {
    const mtu = new MtuDiscovery(65_507);
    expect(search(mtu, pathBytes)).toEqual(probes);
    expect(mtu.current).toBe(current);
  });

  // RUDP-MTU-1
  test('the last rung is what both sides take', () => {
    const mtu = new MtuDiscovery(65_000);
    mtu.limitTo(13_000);
    expect(search(mtu, 65_507)).toEqual([1472, 8952, 13_000]);
  });

  // RUDP-MTU-2
  test('a path below an Ethernet is searched as ever when more could be taken', () => {
    const mtu = new MtuDiscovery(65_000);
    search(mtu, 1400);
    expect(mtu.current).toBeGreaterThan(1380);
    expect(mtu.current).toBeLessThanOrEqual(1400);
  });

  // RUDP-MTU-2
  test('a search that has ended is repeated after 600 s, from where it stood', () => {
    const mtu = new MtuDiscovery(65_000);
    search(mtu, 9000);
    expect(mtu.probeDue(599_999)).toBeUndefined();
    expect(search(mtu, 16_384, 600_000)).toEqual([16_384, 32_768]);
  });

  test('one probe at a time', () => {
    const mtu = new MtuDiscovery(1472);
    mtu.onProbeSent();
    expect(mtu.probeDue(0)).toBeUndefined();
  });

  // RUDP-MTU-1
  test('never probes above what both sides take', () => {
    const mtu = new MtuDiscovery(9000);
    mtu.limitTo(1300);
    expect(search(mtu, 9000)).toEqual([1300]);
    const small = new MtuDiscovery(1200);
    small.limitTo(1472);
    expect(search(small, 9000)).toEqual([]);
  });

  test('a settled search is tried again after ten minutes', () => {
    const mtu = new MtuDiscovery(1472);
    search(mtu, 1400, 1000);
    const settled = mtu.current;
    expect(mtu.probeDue(600_999)).toBeUndefined();
    expect(search(mtu, 1472, 601_000)).toEqual([1472]);
    expect(settled).toBeLessThan(mtu.current);
  });
});

describe('a path that swallows large packets', () => {
  // RUDP-MTU-3
  test('sends the search back to 1,200 bytes, and starts it again after a minute', () => {
    const mtu = new MtuDiscovery(1472);
    search(mtu, 1472);
    mtu.onBlackHole(5000);
    expect(mtu.current).toBe(1200);
    expect(mtu.probeDue(64_999)).toBeUndefined();
    expect(search(mtu, 1300, 65_000).length).toBeGreaterThan(1);
    expect(mtu.current).toBeGreaterThan(1280);
    expect(mtu.current).toBeLessThanOrEqual(1300);
  });
});
