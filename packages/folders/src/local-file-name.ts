/** What Windows does not take in a name; elsewhere these are ordinary characters. */
const WINDOWS_FORBIDDEN = /[<>:"|?*]|[. ]$/g;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** The last part of a peer's path of a file, as this platform can store it. */
// CHAT-FILE-1, CHAT-FILE-2
export function localFileName(name: string, platform: NodeJS.Platform): string {
  const ownName = name.slice(name.lastIndexOf('/') + 1);
  if (platform !== 'win32') return ownName;
  const allowed = ownName.replace(WINDOWS_FORBIDDEN, '_');
  return WINDOWS_DEVICE.test(allowed) ? `_${allowed}` : allowed;
}
