import { describe, expect, test } from 'vitest';
import { StreamPattern } from '../src/application/stream-pattern.ts';
import { AmplificationChecker } from '../src/checkers/amplification.ts';
import { checkEconomy } from '../src/checkers/economy.ts';
import { EventOrderChecker } from '../src/checkers/event-order.ts';
import { HonestPacketsChecker } from '../src/checkers/honest-packets.ts';
import { OrderedStreamChecker } from '../src/checkers/ordered-stream.ts';
import { PositionalSinkChecker } from '../src/checkers/positional-sink.ts';
import { Violations } from '../src/checkers/violations.ts';

/** What a checker finds wrong with what is done to it. */
function findings(act: (violations: Violations) => void): string[] {
  const violations = new Violations(() => 0);
  act(violations);
  return violations.all.map(({ text }) => text);
}

describe('the events of a connection', () => {
  const check = (...types: Parameters<EventOrderChecker['handleEvent']>[0][]) =>
    findings((violations) => {
      const checker = new EventOrderChecker(violations, 'c');
      for (const type of types) checker.handleEvent(type);
    });

  test('pass in their order', () => {
    expect(check('connection-established', 'readable', 'writable', 'readable', 'finished', 'closed')).toEqual(
      [],
    );
    expect(check('closed')).toEqual([]);
  });

  test('fail after closed, twice, and before the connection is open', () => {
    expect(check('connection-accepted', 'closed', 'readable')).toEqual(["c: 'readable' after 'closed'"]);
    expect(check('connection-accepted', 'closed', 'closed')).toContain("c: 'closed' came twice");
    expect(check('connection-accepted', 'finished', 'finished')).toEqual(["c: 'finished' came twice"]);
    expect(check('readable')).toEqual(["c: 'readable' before it was established"]);
    expect(check('connection-accepted', 'connection-established')).toHaveLength(1);
  });
});

// RUDP-SYN-7
describe('the amplification checker', () => {
  const address = { host: '10.0.0.9', port: 1 };
  const other = { host: '10.0.0.9', port: 2 };

  test('allows three times the bytes of an address, and not one more', () => {
    const send = (bytes: number) =>
      findings((violations) => {
        const checker = new AmplificationChecker(violations);
        checker.onReceived(address, 1200);
        checker.onSent(address, bytes);
      });
    expect(send(3600)).toEqual([]);
    expect(send(3601)).toEqual(['3601 bytes to 10.0.0.9:1, which sent 1200']);
  });

  test('counts each address by itself and stops counting when it is validated', () => {
    const found = findings((violations) => {
      const checker = new AmplificationChecker(violations);
      checker.onReceived(address, 1200);
      checker.onValidated(address);
      checker.onSent(address, 1_000_000);
      checker.onSent(other, 1);
    });
    expect(found).toEqual(['1 bytes to 10.0.0.9:2, which sent 0']);
  });
});

describe('the stream checkers', () => {
  const expected = new StreamPattern(3);
  const bytes = (offset: number, length: number) => expected.at(offset, length).slice();

  test('a sink that gets each byte once, in any order, is content', () => {
    const found = findings((violations) => {
      const sink = new PositionalSinkChecker(violations, { name: 's', expected, bytes: 300 });
      sink.write(200, bytes(200, 100));
      sink.write(0, bytes(0, 200));
      expect(sink.receivedBytes).toBe(300);
    });
    expect(found).toEqual([]);
  });

  test('a sink notices a byte that comes twice, one behind the end, and one that differs', () => {
    const write = (...writes: [number, Uint8Array][]) =>
      findings((violations) => {
        const sink = new PositionalSinkChecker(violations, { name: 's', expected, bytes: 300 });
        for (const [offset, data] of writes) sink.write(offset, data);
      });
    expect(write([0, bytes(0, 10)], [9, bytes(9, 2)])).toEqual(['s: byte 9 came twice']);
    expect(write([299, bytes(299, 2)])).toEqual(['s: bytes 299 to 301 behind the end']);
    expect(write([5, bytes(6, 3)])).toEqual(['s: bytes 5 to 8 differ from what was sent']);
  });

  test('a reader notices bytes that are missing, swapped or of another stream', () => {
    const take = (...parts: Uint8Array[]) =>
      findings((violations) => {
        const reader = new OrderedStreamChecker(violations, { name: 'r', expected });
        for (const part of parts) reader.take(part);
      });
    expect(take(bytes(0, 70), bytes(70, 30))).toEqual([]);
    expect(take(bytes(0, 70), bytes(71, 30))).toEqual(['r: bytes from 70 on differ from what was sent']);
    expect(take(new StreamPattern(4).at(0, 10).slice())).toHaveLength(1);
  });
});

// RUDP-PKT-3, RUDP-ACK-5
describe('the packets of both sides', () => {
  /** One packet after the other: who sends or takes it, its number, and what it acknowledges. */
  const check = (
    ...steps: ['client' | 'server', 'sends' | 'takes', number, (readonly [number, number])?][]
  ) =>
    findings((violations) => {
      const checker = new HonestPacketsChecker(violations);
      const remote = { host: '10.0.0.1', port: 1 };
      const id = '0011223344556677' as Parameters<typeof checker.observe>[1]['clientId'];
      const watch = (side: 'client' | 'server') =>
        checker.observe(0, { side, clientId: id, localId: id, remote });
      const observers = { client: watch('client'), server: watch('server') };
      for (const [side, what, packetNumber, range] of steps) {
        const frames = range === undefined ? [] : [{ type: 'ack' as const, delayMs: 0, ranges: [range] }];
        const packet = { type: 'data' as const, packetNumber, bytes: 100, frames };
        if (what === 'sends') observers[side]?.onPacketSent(0, packet);
        else observers[side]?.onPacketReceived(0, packet);
      }
    });

  test('pass when everything that is acknowledged was taken and everything taken was sent', () => {
    expect(
      check(
        ['client', 'sends', 0],
        ['client', 'sends', 2],
        ['server', 'takes', 2],
        ['server', 'sends', 0, [2, 2]],
      ),
    ).toEqual([]);
  });

  test('fail by a number used twice, one taken twice or never sent, and one acknowledged without having come', () => {
    expect(check(['client', 'sends', 1], ['client', 'sends', 1])[0]).toContain(
      'packet number 1 was used twice',
    );
    expect(check(['server', 'takes', 1])[0]).toContain('took packet 1, which was not sent');
    expect(check(['client', 'sends', 1], ['server', 'takes', 1], ['server', 'takes', 1])[0]).toContain(
      '1 twice',
    );
    expect(
      check(['client', 'sends', 1], ['server', 'takes', 1], ['server', 'sends', 0, [0, 1]])[0],
    ).toContain('acknowledges 0, which it did not take');
  });
});

describe('the economy of a connection', () => {
  const quiet = {
    bytesRetransmitted: 0,
    bytesSent: 64_000,
    datagramsReceived: 100,
    datagramsSent: 200,
    packetRecords: 10,
    packetsAcknowledged: 80,
    packetsLost: 10,
    probeTimeouts: 3,
  };
  const check = (changes: Partial<typeof quiet>) =>
    findings((violations) =>
      checkEconomy(violations, 'c', { ...quiet, ...changes }, { datagramBytesMax: 1200 }),
    );

  test('lets lost packets and probes be repeated, a 32nd of all be copied, and no byte more', () => {
    const explained = 1200 * (10 + 2 * 3 + 4) + 2000;
    expect(check({ bytesRetransmitted: explained })).toEqual([]);
    expect(check({ bytesRetransmitted: explained + 1 })).toHaveLength(1);
  });

  test('lets each datagram that arrived be answered once', () => {
    expect(check({ datagramsSent: 248 })).toEqual([]);
    expect(check({ datagramsSent: 249 })).toEqual(['c: 249 datagrams for 100 packets and 100 that arrived']);
  });
});
