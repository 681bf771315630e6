import { utf8ByteLength } from '@parley/protocol';

/** What file systems take at most; Windows counts UTF-16 units, of which there are never more. */
const NAME_BYTES_MAX = 255;

/** Names that Windows keeps for devices, whatever follows a dot. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/** What keeps a file from being stored under a name that is otherwise a file name, in words (CHAT-FILE-1 comes on top). */
// CHAT-UPLOAD-2
export function troubleInUploadName(name: string): string | undefined {
  if (utf8ByteLength(name) > NAME_BYTES_MAX) {
    return `the name of an uploaded file has at most ${NAME_BYTES_MAX} bytes`;
  }
  if (/[<>:"|?*]/.test(name)) return 'the name of an uploaded file has none of < > : " | ? *';
  if (/[. ]$/.test(name) || name.startsWith(' ')) {
    return 'the name of an uploaded file does not end in a dot, and neither begins nor ends with a space';
  }
  if (DEVICE.test(name)) return 'Windows keeps this name for a device';
  return undefined;
}
