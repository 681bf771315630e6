import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parleyCommand } from '@parley/programs';
import { findProgram } from '../link/requirements.ts';

/** Something that brings files and folders from one machine to another. */
export interface FilePeer {
  readonly name: string;
  /** What is not installed, in words. */
  readonly missing: string | undefined;
  /** Whether a second run goes on where the first one was killed. */
  readonly resumes: boolean;
  /** Programs on the sender's side, which serve `share`, in the order in which they are started. */
  servers(place: ServerPlace): readonly ServerProgram[];
  /** Fetches `name` into `folder`; of a folder it ends with a slash. */
  fetch(place: { readonly host: string; readonly name: string; readonly folder: string }): readonly string[];
  /** Sends the folder `path`, which comes to stand in what is served. */
  send(place: { readonly host: string; readonly path: string }): readonly string[];
}

/** Where a peer serves from. */
interface ServerPlace {
  readonly host: string;
  readonly share: string;
  /** For files of its own. */
  readonly scratch: string;
}

/** A program that serves until it is ended. */
interface ServerProgram {
  readonly command: readonly string[];
  /** What it prints when it is ready; undefined when it says nothing. */
  readonly ready: RegExp | undefined;
}

// Nobody else is in the namespaces of an emulated link.
const PORTS = { parley: '8255', rsync: '8730', tar: '7001', relay: '7002' };

const node = (file: string, ...args: string[]) => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL(file, import.meta.url)),
  ...args,
];

const parley: FilePeer = {
  name: 'parley',
  missing: undefined,
  resumes: true,
  servers: ({ host, share, scratch }) => [
    {
      command: [
        ...parleyCommand('server'),
        ...['--host', host, '--port', PORTS.parley],
        ...['--share', share, '--data', join(scratch, 'data'), '--history', 'memory', '--log-level', 'warn'],
        ...['--insecure', '--uploads', 'all'],
      ],
      ready: /listening/,
    },
  ],
  fetch: ({ host, name, folder }) => node('./parley-copy.ts', 'fetch', host, PORTS.parley, name, folder),
  send: ({ host, path }) => node('./parley-copy.ts', 'send', host, PORTS.parley, path),
};

/** Its own protocol over TCP, without ssh, so that nothing is encrypted. */
const rsync: FilePeer = {
  name: 'rsync',
  missing: findProgram('rsync') === undefined ? 'rsync (Debian package rsync)' : undefined,
  resumes: true,
  servers: ({ host, share, scratch }) => {
    const settings = join(scratch, 'rsyncd.conf');
    writeFileSync(
      settings,
      `use chroot = no\nuid = root\ngid = root\n[share]\npath = ${share}\nread only = no\n`,
    );
    const options = ['--no-detach', `--config=${settings}`, `--port=${PORTS.rsync}`, `--address=${host}`];
    return [{ command: ['rsync', '--daemon', ...options], ready: undefined }];
  },
  fetch: ({ host, name, folder }) => {
    const target = name.endsWith('/') ? join(folder, name) : `${folder}/`;
    return ['rsync', '-a', '--inplace', `rsync://${host}:${PORTS.rsync}/share/${name}`, target];
  },
  send: ({ host, path }) => ['rsync', '-a', '--inplace', path, `rsync://${host}:${PORTS.rsync}/share/`],
};

/** One TCP connection and tar, as with `tar | nc`, or scp without its encryption. */
const tcpTar: FilePeer = {
  name: 'tcp-tar',
  missing: undefined,
  resumes: false,
  servers: ({ host, share }) => [
    { command: node('./tar-copy.ts', 'serve', host, PORTS.tar, share), ready: /READY/ },
  ],
  fetch: ({ host, name, folder }) => node('./tar-copy.ts', 'fetch', host, PORTS.tar, name, folder),
  send: ({ host, path }) => node('./tar-copy.ts', 'send', host, PORTS.tar, path),
};

/** The same through a third program that passes bytes on, as croc's relay does. */
const tcpRelay: FilePeer = {
  ...tcpTar,
  name: 'tcp-relay',
  servers: (place) => [
    ...tcpTar.servers(place),
    { command: node('./tar-copy.ts', 'relay', place.host, PORTS.relay, PORTS.tar), ready: /READY/ },
  ],
  fetch: ({ host, name, folder }) => node('./tar-copy.ts', 'fetch', host, PORTS.relay, name, folder),
  send: ({ host, path }) => node('./tar-copy.ts', 'send', host, PORTS.relay, path),
};

/** In the order in which they are measured. */
export const filePeers: readonly FilePeer[] = [parley, rsync, tcpTar, tcpRelay];
