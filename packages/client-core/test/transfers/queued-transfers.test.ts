// What a client does while the server has its transfers wait.
import { expect, test } from 'vitest';
import { Scenario } from '../support/scenario.ts';
import { get, offer, stateOf } from '../support/transfer-scenario.ts';

function queue(scenario: Scenario, transferId = 41): void {
  const { requestId: request } = scenario.lastSent('request-transfer');
  scenario.receive({ type: 'transfer-queued', request, transferId: transferId as never });
}

const sentTypes = (scenario: Scenario) => scenario.sent.map(({ type }) => type);

// CHAT-QUEUE-1
test('it waits for as long as it takes, and takes the offer when it comes', () => {
  const scenario = Scenario.registered('ann');
  const number = get(scenario);
  queue(scenario);
  expect(stateOf(scenario, number)).toBe('queued');
  for (let minute = 0; minute < 60; minute += 1) {
    scenario.pass(20_000);
    scenario.receive({ type: 'ping', nonce: new Uint8Array(8) as never });
  }
  expect(stateOf(scenario, number)).toBe('queued');
  offer(scenario, 41);
  expect(stateOf(scenario, number)).toBe('connecting');
});

// CHAT-QUEUE-2
test('who cancels says so to the server', () => {
  const scenario = Scenario.registered('ann');
  const number = get(scenario);
  queue(scenario);
  scenario.command({ type: 'cancel-transfer', number });
  expect(stateOf(scenario, number)).toBe('cancelled');
  expect(scenario.lastSent('cancel-transfer')).toMatchObject({ transferId: 41 });
});

test('who has cancelled before the server said that it waits says so then', () => {
  const scenario = Scenario.registered('ann');
  const number = get(scenario);
  scenario.command({ type: 'cancel-transfer', number });
  expect(sentTypes(scenario)).not.toContain('cancel-transfer');
  queue(scenario);
  expect(scenario.lastSent('cancel-transfer')).toMatchObject({ transferId: 41 });
  expect(stateOf(scenario, number)).toBe('cancelled');
});

// CHAT-RESUME-1
test.each(['transfer-limit', 'server-draining', 'rate-limited'] as const)(
  'a server that has too much to do (%s) is asked again, also the first time',
  (code) => {
    const scenario = Scenario.registered('ann');
    const number = get(scenario);
    const { requestId } = scenario.lastSent('request-transfer');
    scenario.receive({ type: 'failed', requestId, code, message: 'later', retryAfterMs: 5_000 });
    expect(stateOf(scenario, number)).toBe('interrupted');
    scenario.pass(4_999);
    expect(stateOf(scenario, number)).toBe('interrupted');
    scenario.pass(1);
    expect(stateOf(scenario, number)).toBe('requested');
  },
);
