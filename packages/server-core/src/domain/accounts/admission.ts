/** Whom a server lets in, from everybody to those who have an account already. */
// CHAT-ADMISSION-1
export type Admission =
  /** Guests, and whoever makes an account. */
  | 'open'
  /** Only users with an account; everybody may make one. */
  | 'registered-only'
  /** Only users with an account; making one takes an invite code. */
  | 'invite';
