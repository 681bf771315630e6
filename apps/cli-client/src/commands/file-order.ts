import type { FileView } from '@parley/client-core';

/** By what files can be listed; the largest and the newest first, as people look for them. */
export const FILE_SORTS = ['name', 'size', 'time'] as const;

export type FileSort = (typeof FILE_SORTS)[number];

/** The order of that name, or the other way round. */
export function fileOrder(sort: FileSort, isReversed: boolean): NonNullable<FileView['order']> {
  const isDescending = (sort !== 'name') !== isReversed;
  return isDescending ? `${sort}-descending` : sort;
}
