// Who may come in, in virtual time.
import { expect, test } from 'vitest';
import { DEFAULT_DOOR_LIMITS, Door, type DoorLimits } from '../../src/domain/sessions/door.ts';

function open(limits: Partial<DoorLimits> = {}): Door {
  return new Door({ ...DEFAULT_DOOR_LIMITS, ...limits }, 0);
}

// CHAT-DOOR-1
test('an address that knocks too fast is told when to come back, and others are not affected', () => {
  const door = open({ arrivalsPerAddress: { burst: 3, perSecond: 0.5 } });
  for (let count = 0; count < 3; count += 1) expect(door.arrive('192.0.2.1', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.1', 0)).toEqual({
    code: 'connection-rate',
    message: 'connections come too fast from this address',
    reconnectAfterMs: 2_000,
  });
  expect(door.arrive('192.0.2.2', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.1', 1_999)).toMatchObject({ code: 'connection-rate', reconnectAfterMs: 1_000 });
  expect(door.arrive('192.0.2.1', 2_000)).toBeUndefined();
});

test('all together may not come too fast either', () => {
  const door = open({ arrivals: { burst: 2, perSecond: 1 } });
  expect(door.arrive('192.0.2.1', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.2', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.3', 0)).toMatchObject({
    code: 'connection-rate',
    message: 'connections come too fast',
  });
  expect(door.arrive('192.0.2.3', 1_000)).toBeUndefined();
});

test('one address may be half-open only so many times, and settling makes room', () => {
  const door = open({ halfOpenPerAddressMax: 2 });
  for (let count = 0; count < 2; count += 1) expect(door.arrive('192.0.2.1', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.1', 0)).toMatchObject({ code: 'address-limit', reconnectAfterMs: 5_000 });
  door.settle('192.0.2.1');
  expect(door.arrive('192.0.2.1', 0)).toBeUndefined();
});

test('all together may be half-open only so many times', () => {
  const door = open({ halfOpenMax: 2 });
  expect(door.arrive('192.0.2.1', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.2', 0)).toBeUndefined();
  expect(door.arrive('192.0.2.3', 0)).toMatchObject({ code: 'server-full', reconnectAfterMs: 5_000 });
  door.settle('192.0.2.2');
  expect(door.arrive('192.0.2.3', 0)).toBeUndefined();
  expect(door.halfOpenCount).toBe(2);
});

test('loopback is not counted', () => {
  const door = open({ halfOpenMax: 0, arrivals: { burst: 1, perSecond: 1 } });
  for (let count = 0; count < 10; count += 1) expect(door.arrive(undefined, 0)).toBeUndefined();
  door.settle(undefined);
  expect(door.halfOpenCount).toBe(0);
});

test('what is remembered of addresses is bounded, and what tells nothing is forgotten first', () => {
  const door = open({
    addressesMax: 10,
    halfOpenMax: 1_000,
    arrivalsPerAddress: { burst: 1, perSecond: 1 },
    arrivals: { burst: 1_000, perSecond: 1 },
  });
  for (let count = 0; count < 9; count += 1) door.arrive(`2001:db8:0:${count}::/64`, 0);
  door.arrive('192.0.2.9', 900);
  door.arrive('192.0.2.10', 1_000);
  expect(door.addressCount).toBe(2);
  expect(door.arrive('192.0.2.9', 1_000)).toMatchObject({ code: 'connection-rate' });
  for (let count = 0; count < 1_000; count += 1) {
    door.arrive(`2001:db8:1:${count.toString(16)}::/64`, 1_000);
    expect(door.addressCount).toBeLessThanOrEqual(10);
  }
});
