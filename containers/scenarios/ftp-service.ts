import type { Lab } from '../lab/lab.ts';
import { virtualService } from './virtual-service.ts';

/**
 * The rules under which FTP works. Under VS/NAT the director reads along on port 21. Under VS/TUN and VS/DR it sees half of what is
 * said: persistence for every port has a client's connections all at one server (ipvsadm(8), NOTES).
 */
export function ftpService(lab: Lab, family: 4 | 6 = 4): string {
  const isRead = lab.topology.method === 'nat';
  return virtualService(lab, { family, scheduler: 'rr', ...(isRead ? { port: 21 } : { port: 0, options: '-p 60' }) });
}
