/** Ports that mean something to a director (RFC 6335 §6, RFC 959 §5.2). */
export const PORT = { ftpData: 20, ftp: 21, firstUnprivileged: 1024 } as const;
