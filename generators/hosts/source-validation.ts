import type { DeviceSettings } from './device-settings.ts';
import type { HostAddresses } from './host-addresses.ts';

const STRICT = 1;
const LOOSE = 2;

/**
 * Whether a datagram that came in by this device may come from there (RFC 3704 §2.2, §2.4; fib_frontend.c:__fib_validate_source). What a
 * tunnel device unwraps comes from clients, who are elsewhere: strict validation drops all of it. So does the loose kind where the device
 * has no address of its own.
 */
export function isValidSource(
  source: string,
  device: string,
  addresses: HostAddresses,
  settings: DeviceSettings,
): boolean {
  if (isNobody(source) || addresses.isLocal(source)) return false;
  const mode = settings.of('rp_filter', device);
  if (mode < STRICT || device === addresses.deviceTo(source)) return true;
  return mode === LOOSE && addresses.hasAddressOn(device);
}

/** RFC 1122 §3.2.1.3: none of these is anybody's source on a wire. */
function isNobody(source: string): boolean {
  const first = Number(source.split('.')[0]);
  return first === 127 || (first >= 224 && first < 240) || source === '0.0.0.0' || source === '255.255.255.255';
}
