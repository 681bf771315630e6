// What a server keeps for a while, and a wall clock that is wrong for a while.
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { UploadInbox } from '../../src/node/uploads/upload-inbox.ts';
import { SetClocks } from '../support/set-clocks.ts';

const [HOUR, DAY] = [3_600_000, 86_400_000];
const DAYS_OF_SENT = 7;

let folder = '';
let clocks = new SetClocks();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-ages-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  clocks = new SetClocks();
});

const part = () => join(folder, `.parley-upload-${'0'.repeat(32)}`);
const sent = () => join(folder, '.parley-sent', 'a'.repeat(32));

/** What comes now, by the wall clock. */
function arrive(): void {
  mkdirSync(join(folder, '.parley-sent'), { recursive: true });
  for (const path of [part(), sent()]) {
    writeFileSync(path, 'x');
    utimesSync(path, clocks.wall() / 1_000, clocks.wall() / 1_000);
  }
}

const there = () => ({ part: existsSync(part()), sent: existsSync(sent()) });

async function tidyHourly(inbox: UploadInbox, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    clocks.pass(HOUR);
    await inbox.tidy();
  }
}

// CHAT-UPLOAD-5, CHAT-SEND-3
test('each is kept for its time, and no longer, when the clock is right', async () => {
  const inbox = new UploadInbox({ folder, clocks });
  arrive();
  await tidyHourly(inbox, 24);
  expect(there()).toEqual({ part: true, sent: true });
  await tidyHourly(inbox, 1);
  expect(there()).toEqual({ part: false, sent: true });
  await tidyHourly(inbox, 24 * (DAYS_OF_SENT - 1) - 1);
  expect(there()).toEqual({ part: false, sent: true });
  await tidyHourly(inbox, 1);
  expect(there()).toEqual({ part: false, sent: false });
});

// CHAT-UPLOAD-9
test('a clock that is set forward, however far, takes nothing of that time', async () => {
  const inbox = new UploadInbox({ folder, clocks });
  await tidyHourly(inbox, 48);
  arrive();
  await tidyHourly(inbox, 2);
  clocks.set(30 * DAY);
  await tidyHourly(inbox, 22);
  expect(there()).toEqual({ part: true, sent: true });
  await tidyHourly(inbox, 24 * (DAYS_OF_SENT - 1));
  expect(there()).toEqual({ part: false, sent: true });
  // A step counts until nothing that was there before it can be younger than that.
  await tidyHourly(inbox, 2);
  expect(there()).toEqual({ part: false, sent: false });
});

// CHAT-UPLOAD-9
test('what came while the clock was behind is not old when it is set right', async () => {
  clocks.set(-20_000 * DAY);
  const inbox = new UploadInbox({ folder, clocks });
  await tidyHourly(inbox, 13);
  arrive();
  clocks.set(20_000 * DAY);
  await tidyHourly(inbox, 24);
  expect(there()).toEqual({ part: true, sent: true });
});

// CHAT-UPLOAD-9
test('what comes after a step is removed in its time all the same', async () => {
  const inbox = new UploadInbox({ folder, clocks });
  clocks.set(30 * DAY);
  await tidyHourly(inbox, 1);
  arrive();
  await tidyHourly(inbox, 25);
  expect(there()).toEqual({ part: false, sent: true });
  await tidyHourly(inbox, 24 * (DAYS_OF_SENT - 1));
  expect(there()).toEqual({ part: false, sent: false });
});

// CHAT-UPLOAD-9
test('a clock that is wrong when a server starts can be set right for 12 hours', async () => {
  arrive();
  clocks.set(30 * DAY);
  const inbox = new UploadInbox({ folder, clocks });
  await inbox.tidy();
  await tidyHourly(inbox, 11);
  expect(there()).toEqual({ part: true, sent: true });
  clocks.set(-30 * DAY);
  await tidyHourly(inbox, 12);
  expect(there()).toEqual({ part: true, sent: true });
  await tidyHourly(inbox, 2);
  expect(there()).toEqual({ part: false, sent: true });
});

// CHAT-UPLOAD-9
test('what was old before a server started goes when it has run for 12 hours', async () => {
  arrive();
  clocks.pass(30 * DAY);
  const inbox = new UploadInbox({ folder, clocks });
  await tidyHourly(inbox, 11);
  expect(there()).toEqual({ part: true, sent: true });
  await tidyHourly(inbox, 1);
  expect(there()).toEqual({ part: false, sent: false });
});
