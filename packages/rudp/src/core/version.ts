/** Version of the transport's wire format. */
export const TRANSPORT_VERSION = 1;
