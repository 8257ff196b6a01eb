/** The file of a kernel's network setting. @param name below `net` (`ipv6.conf.all.forwarding`), or below `net.ipv4` (`vs.sloppy_tcp`) */
export const settingPath = (name: string): string =>
  `/proc/sys/net/${/^(?:ipv4|ipv6|netfilter)\./.test(name) ? '' : 'ipv4/'}${name.replaceAll('.', '/')}`;
