import type { HandlerContext } from './handler.ts';

/** Counts one more request that waits for the disk, or refuses it. */
// CHAT-REQUEST-3
export function hasPlaceForRequest({ state, effects, session }: HandlerContext, requestId: number): boolean {
  const { pendingRequestsMax } = state.limits;
  if (session.pendingRequests >= pendingRequestsMax) {
    const message = `at most ${pendingRequestsMax} requests may wait for their answers`;
    effects.refuse(session, requestId, { code: 'request-limit', message });
    return false;
  }
  session.pendingRequests += 1;
  return true;
}
