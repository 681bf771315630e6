/** The thread that looks through the shared folder, so that chat never waits for a disk, nor for what comes from it. Started by catalogue-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { FolderSizeError, lookHere } from '@parley/folders';
import type {
  CatalogueAnswers,
  CatalogueMessage,
  CatalogueQuestion,
  CatalogueRequest,
} from './catalogue-messages.ts';
import { FileCatalogue } from './file-catalogue.ts';
import { folderContentFor } from './folder-content.ts';
import { listFolder } from './look-up.ts';

const catalogue = new FileCatalogue(workerData as string);

parentPort?.on('message', (request: CatalogueRequest) => {
  switch (request.type) {
    case 'ask':
      void answer(request.jobId, request.question);
      break;
    case 'stop-watching':
      catalogue.stopWatching();
      break;
    case 'note-digests':
      catalogue.noteDigests();
      break;
    default:
      request satisfies never;
  }
});

async function answer(jobId: number, question: CatalogueQuestion): Promise<void> {
  try {
    tell({ type: 'answered', jobId, answer: await find(question) });
  } catch (error) {
    const { code = 'unknown', message } = error as NodeJS.ErrnoException;
    const kind = error instanceof FolderSizeError ? 'folder-too-large' : code;
    tell({ type: 'failed', jobId, code: kind, problem: message });
  }
}

async function find(question: CatalogueQuestion): Promise<CatalogueAnswers[CatalogueQuestion['type']]> {
  switch (question.type) {
    case 'list':
      return catalogue.list(question.cursor, question.limit, question.view);
    case 'find':
      return catalogue.find(question.path);
    case 'is-folder':
      return catalogue.isFolder(question.path);
    case 'read-folder': {
      const { place, wish } = question;
      const listing = await listFolder(place, lookHere);
      return listing && folderContentFor({ name: place.name, ...wish }, listing);
    }
    case 'watch':
      await catalogue.startWatching(() => tell({ type: 'files-changed' }));
      return undefined;
    default:
      return question satisfies never;
  }
}

function tell(message: CatalogueMessage): void {
  parentPort?.postMessage(message);
}
