/** Error numbers of Linux, by which a send tells what became of it. */
export const Errno = {
  none: 0,
  ioError: 5,
  again: 11,
  invalid: 22,
  messageTooLong: 90,
  addressInUse: 98,
  notSupported: 95,
} as const;
