/**
 * Settings of network devices as Linux combines them: for ARP and for source validation the larger of `conf.all` and the device's own
 * counts (ip-sysctl.rst; include/linux/inetdevice.h:IN_DEV_MAXCONF).
 */
export class DeviceSettings {
  readonly #sysctls: Readonly<Record<string, string>>;

  /** @param sysctls by name below `net.ipv4`, e.g. `conf.all.arp_ignore` */
  constructor(sysctls: Readonly<Record<string, string>>) {
    this.#sysctls = sysctls;
  }

  of(name: 'arp_ignore' | 'arp_announce' | 'rp_filter', device: string): number {
    return Math.max(this.#value(`conf.all.${name}`), this.#value(`conf.${device}.${name}`));
  }

  #value(name: string): number {
    return Number(this.#sysctls[name] ?? 0);
  }
}
