/** Says aloud, once in a process, that an endpoint is without packet protection; returns what it was asked. */
export function warnOfInsecure(isInsecure: boolean | undefined): boolean {
  if (isInsecure !== true) return false;
  if (!hasWarned) {
    process.emitWarning(
      'packet protection is off (dangerouslyWithoutPacketProtection): anybody on the way can read, change and end every connection. For measurements only.',
      { type: 'SecurityWarning', code: 'PARLEY_RUDP_WITHOUT_PACKET_PROTECTION' },
    );
  }
  hasWarned = true;
  return true;
}

let hasWarned = false;
