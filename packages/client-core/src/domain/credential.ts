/** What shows that a user is the owner of an account. Kept in memory while a client may have to come back. */
export type Credential = { readonly kind: 'password'; readonly password: string };
