import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type NativeProgram } from '../link/build.ts';
import { nodeDriver, type PeerMaker, type PeerSettings, stream } from './peer.ts';

/** A peer's driver. */
interface NativePeer extends NativeProgram {
  /** It takes its bytes from a file, and puts them into one, where the environment names FILES. */
  readonly movesFiles: boolean;
}

const NATIVE_PEERS: readonly NativePeer[] = [
  {
    name: 'udt-peer',
    source: 'drivers/udt-peer.cc',
    compiler: 'c++',
    flags: ['-I/usr/include/udt'],
    libraries: ['-ludt', '-lpthread'],
    debianPackage: 'libudt-dev',
    movesFiles: true,
  },
  {
    name: 'srt-peer',
    source: 'drivers/udt-peer.cc',
    compiler: 'c++',
    flags: ['-DUSE_SRT'],
    libraries: ['-lsrt'],
    debianPackage: 'libsrt-openssl-dev',
    movesFiles: true,
  },
  {
    name: 'enet-peer',
    source: 'drivers/enet-peer.c',
    compiler: 'cc',
    libraries: ['-lenet'],
    debianPackage: 'libenet-dev',
    movesFiles: false,
  },
];

/** A transport from npm that is no dependency of this repository. */
export function npmPeer(name: string, driver: string, settings: PeerSettings): ReturnType<PeerMaker> {
  const { modulesFolder } = settings;
  try {
    createRequire(join(modulesFolder, 'package.json')).resolve(name);
  } catch {
    return {
      missing: `npm package ${name}: npm i --prefix DIR ${name}, then --modules DIR (is ${modulesFolder})`,
    };
  }
  const peer = stream(nodeDriver(driver), settings);
  return { ...peer, environment: { ...peer.environment, MODULES: modulesFolder } };
}

/** A small program in C or C++ around a library of the system. */
export function native(name: string, settings: PeerSettings): ReturnType<PeerMaker> {
  if (settings.bytes !== undefined) return { missing: 'its driver cannot send a number of bytes and stop' };
  const program = NATIVE_PEERS.find((candidate) => candidate.name === name) as NativePeer;
  if (settings.filesFolder !== undefined && !program.movesFiles)
    return { missing: 'its driver moves no files' };
  const built = build(program);
  if ('path' in built) return stream([built.path], settings);
  return {
    missing: `it does not build, install the Debian package ${program.debianPackage}: ${built.complaint.slice(0, 200)}`,
  };
}
