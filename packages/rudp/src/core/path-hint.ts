/** What an earlier connection has measured of a path: where the next one may begin. */
export interface PathHint {
  readonly smoothedRttMs: number;
  /** The round trip of the empty path. */
  readonly minRttMs: number;
  /** Bytes per second that the path has delivered. */
  readonly deliveryRate: number;
  /** UDP payload bytes of the largest packets that passed. */
  readonly mtu: number;
}
