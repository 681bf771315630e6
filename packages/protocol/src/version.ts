/** Oldest version of the chat protocol that this package speaks. */
export const PROTOCOL_VERSION_MIN = 1;

/** Newest version of the chat protocol that this package speaks. */
export const PROTOCOL_VERSION = 1;

/** A range of versions, both ends included. */
export interface VersionRange {
  readonly versionMin: number;
  readonly versionMax: number;
}

/** What this package speaks. */
export const SUPPORTED_VERSIONS: VersionRange = {
  versionMin: PROTOCOL_VERSION_MIN,
  versionMax: PROTOCOL_VERSION,
};

/**
 * The highest version in both ranges, `undefined` when they have none in common; the server then says
 * `goodbye{code: version-unsupported}` (CHAT-HELLO-3). A range whose ends are swapped has nothing in common with any.
 */
// CHAT-HELLO-2
export function negotiateVersion(remote: VersionRange, local = SUPPORTED_VERSIONS): number | undefined {
  const highest = Math.min(remote.versionMax, local.versionMax);
  const lowest = Math.max(remote.versionMin, local.versionMin);
  return highest >= lowest && remote.versionMin <= remote.versionMax ? highest : undefined;
}
