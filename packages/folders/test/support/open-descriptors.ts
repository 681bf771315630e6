import * as nodeFileSystem from 'node:fs';

/** The system's files, and the descriptors of them that are open. */
export function withOpenDescriptors() {
  const open = new Set<number>();
  const fileSystem = {
    ...nodeFileSystem,
    openSync: (...parameters: Parameters<typeof nodeFileSystem.openSync>) => {
      const descriptor = nodeFileSystem.openSync(...parameters);
      open.add(descriptor);
      return descriptor;
    },
    closeSync: (descriptor: number) => {
      open.delete(descriptor);
      nodeFileSystem.closeSync(descriptor);
    },
  };
  return { open, fileSystem };
}
