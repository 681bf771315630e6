/** A fingerprint as people paste it (docs/spec/chat.md, CHAT-TLS-2); `undefined` for anything else. */
export function parseFingerprint(text: string): string | undefined {
  const match = /^(SHA256:[\w+/]{43})=?$/.exec(text.trim());
  return match?.[1]?.includes('_') === false ? match[1] : undefined;
}
