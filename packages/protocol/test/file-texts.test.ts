import { expect, test } from 'vitest';
import {
  findFileReference,
  formatFileAnnouncement,
  formatSentOutcome,
  parseFileAnnouncement,
  parseSentOutcome,
} from '../src/index.ts';

// CHAT-UPLOAD-6, CHAT-FOLDER-8
test.each([
  ['file:a.txt (5 bytes)', { path: 'a.txt', size: 5, files: undefined }],
  ['file:"a b.txt" (1000000 bytes)', { path: 'a b.txt', size: 1_000_000, files: undefined }],
  ['file:pics/ (301 files, 30000000 bytes)', { path: 'pics/', size: 30_000_000, files: 301 }],
])('%s tells of an upload', (text, announcement) => {
  expect(formatFileAnnouncement(announcement)).toBe(text);
  expect(parseFileAnnouncement(text)).toEqual(announcement);
});

test.each([
  'look at file:a.txt',
  'file:a.txt (5 bytes) or so',
  'file:a.txt (5 byte)',
  'file:"a.txt (5 bytes)',
])('%s is no announcement', (text) => expect(parseFileAnnouncement(text)).toBeUndefined());

// CHAT-SEND-5
test.each([
  ['file:a.txt accepted', { path: 'a.txt', outcome: 'accepted' }],
  ['file:"a b/" declined', { path: 'a b/', outcome: 'declined' }],
] as const)('%s tells what came of what was sent', (text, outcome) => {
  expect(formatSentOutcome(outcome)).toBe(text);
  expect(parseSentOutcome(text)).toEqual(outcome);
});

test.each(['file:a.txt refused', 'file:a.txt accepted!', 'accepted', ' file:a.txt accepted'])(
  '%j tells of no outcome',
  (text) => expect(parseSentOutcome(text)).toBeUndefined(),
);

// CHAT-SEARCH-2
test.each([
  ['look at file:a.txt and file:b.txt', 'a.txt'],
  ['file:"two words.txt"', 'two words.txt'],
  ['profile:a.txt', undefined],
  ['file:', undefined],
])('in %j %j is named', (text, path) => expect(findFileReference(text)).toBe(path));
