/** The suite of Debian that the image is made of: its Node runs this project. */
export const SUITE = 'trixie';

/** What is in the image beside a minimal Debian, and why: the one list of packages, whichever way it is built. */
export const PACKAGES: Readonly<Record<string, string>> = {
  'bind9-dnsutils': 'dig asks for names',
  curl: 'client of HTTP, HTTPS and FTP',
  'dnsmasq-base': 'server of DNS',
  ethtool: 'turns off what interfaces would leave to hardware',
  iperf3: 'load',
  iproute2: 'interfaces, addresses, routes, bridges',
  ipvsadm: 'administers the IPVS of a kernel',
  'iputils-ping': 'whether a path is there',
  keepalived: 'configures a kernel director by health checks',
  kmod: 'loads modules of a user-mode kernel',
  lftp: 'client of FTP that takes several files at once',
  'lksctp-tools': 'client and server of SCTP',
  'netcat-openbsd': 'plain connections',
  'nginx-light': 'server of HTTP and HTTPS',
  nodejs: 'the reference director, and programs of scenarios',
  openssl: 'certificates',
  'perl-base': 'agents in user-mode kernels',
  procps: 'processes and settings: pgrep, sysctl',
  socat: 'plain connections, both ways',
  tcpdump: 'captures',
  tnftp: 'client of FTP that has every kind of data connection in one session',
  vsftpd: 'server of FTP',
  wrk: 'load of HTTP',
};
