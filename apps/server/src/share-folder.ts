import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { access, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Logger } from 'pino';

/** Large enough to see a progress bar on any network, small enough to be made in a fraction of a second. */
export const SAMPLE_BYTES = 100_000_000;

/** SHA-256 of the sample: it is the same on every machine. */
export const SAMPLE_SHA256 = 'fe52a660107db982ec4a7e894f611077bd419769022046030edc25e56c11be1b';

const SAMPLE_NAME = 'sample-100MB.bin';
// Hidden until it is whole, so that nobody downloads a part of it.
const UNFINISHED_NAME = `.${SAMPLE_NAME}`;
const WELCOME_NAME = 'welcome.txt';
const CHUNK_BYTES = 1_048_576;

const WELCOME = `Welcome to Parley.

This is the shared folder of the server. Whatever you put here can be downloaded by everybody who is connected:
/files lists it, /get NAME downloads a file.

${SAMPLE_NAME} is here for you to try that with. Its bytes are random-looking but the same on every server:
sha256 ${SAMPLE_SHA256}

You can delete both files; they are made only when the folder is. Share another folder with: --share DIR
`;

/** A folder that cannot be shared. The message says which and why. */
export class ShareFolderError extends Error {
  override readonly name = 'ShareFolderError';
  readonly code = 'share-folder-unusable';
}

/** Checks that a folder which the operator named is there and can be read. */
export async function checkShareFolder(folder: string): Promise<void> {
  try {
    // The slash makes anything but a folder an error.
    await access(`${folder}/`, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problems: Record<string, string> = { ENOENT: 'does not exist', ENOTDIR: 'is not a folder' };
    const problem = problems[code ?? ''] ?? `cannot be read (${code})`;
    throw new ShareFolderError(`the folder to share ${problem}: ${folder}`, { cause: error });
  }
}

/** Makes the default shared folder with something to try in it, unless it is there. Returns its path. */
export async function makeShareFolder(dataFolder: string, logger: Logger): Promise<string> {
  const folder = join(dataFolder, 'share');
  try {
    const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
    // A first start that was interrupted is done again.
    if (isNew || existsSync(join(folder, UNFINISHED_NAME))) await fill(folder, logger);
    await checkShareFolder(folder);
  } catch (error) {
    if (error instanceof ShareFolderError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const advice = 'choose another place with --data, or a folder of yours with --share';
    throw new ShareFolderError(`cannot make the shared folder ${folder} (${code}): ${advice}`, {
      cause: error,
    });
  }
  return folder;
}

async function fill(folder: string, logger: Logger): Promise<void> {
  await writeFile(join(folder, WELCOME_NAME), WELCOME);
  const sample = join(folder, SAMPLE_NAME);
  const unfinished = join(folder, UNFINISHED_NAME);
  const startedAt = process.hrtime.bigint();
  try {
    await writeSample(unfinished);
    await rename(unfinished, sample);
    const durationMs = Number((process.hrtime.bigint() - startedAt) / 1_000_000n);
    logger.info(
      { folder, file: SAMPLE_NAME, bytes: SAMPLE_BYTES, durationMs },
      'made a shared folder with a sample',
    );
  } catch (error) {
    await rm(unfinished, { force: true });
    logger.warn({ err: error }, 'the sample file could not be made; the server runs without it');
  }
}

/** The key stream of AES-128-CTR under the key of zeros: fast, cannot be compressed, and always the same. */
async function writeSample(path: string): Promise<void> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const file = createWriteStream(path);
  for (let bytes = 0; bytes < SAMPLE_BYTES; bytes += CHUNK_BYTES) {
    const chunk = stream.update(zeros.subarray(0, Math.min(CHUNK_BYTES, SAMPLE_BYTES - bytes)));
    if (!file.write(chunk)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}
