/**
 * Sends frames into one interface and counts those that come out of another, both in the network namespace it runs in:
 *
 *     traffic-generator.ts INTO OUT_OF SECONDS RUNS
 *
 * Writes frames a second, a run a line. So many frames are under way that the forwarder never waits, and none is lost for want of room.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLink } from '../command/director/host.ts';
import { LinuxHost } from '../command/director/linux-host.ts';
import { buildPacket } from '../reference/wire/build-packet.ts';
import { ARP, ARP_OPERATION } from '../reference/wire/arp.ts';
import { ETHER_TYPE, ETHERNET } from '../reference/wire/ethernet.ts';
import { formatIpv4, formatMac, readMac } from '../reference/wire/address.ts';
import { arp, ethernet } from '../reference/wire/layer.ts';
import { Frames } from './frames.ts';

const CONNECTIONS = 1000;
const UNDER_WAY = 512;
const BATCH = 64;

const [into = '', outOf = '', seconds = '', runs = ''] = process.argv.slice(2);
const host = new LinuxHost();
const options = { promiscuous: true, warn: console.error };
const links = [host.open(into, options), host.open(outOf, options)] as const;
const macs = [host.describe(into).mac, host.describe(outOf).mac] as const;
const [input, output] = links;
let arrived = 0;

/** Counts TCP; answers for every address, as hosts on the wire would. */
function drain(link: FrameLink, mac: string): void {
  const deliver = (frame: Uint8Array): void => {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const type = view.getUint16(ETHERNET.type);
    if (type === ETHER_TYPE.ipv4 && link === output) arrived++;
    const isQuestion = type === ETHER_TYPE.arp && view.getUint16(ETHERNET.headerLength + ARP.operation) === 1;
    if (isQuestion) link.send(answer(view, mac));
  };
  while (link.receive(deliver) > 0);
  link.flush();
}

function answer(question: DataView, mac: string): Uint8Array {
  const arpStart = ETHERNET.headerLength;
  const asker = formatMac(readMac(question, arpStart + ARP.senderMac));
  return buildPacket([
    ethernet({ source: mac, destination: asker }),
    arp({
      operation: ARP_OPERATION.reply,
      senderMac: mac,
      senderAddress: formatIpv4(question.getUint32(arpStart + ARP.targetAddress)),
      targetMac: asker,
      targetAddress: formatIpv4(question.getUint32(arpStart + ARP.senderAddress)),
    }),
  ]);
}

function drainBoth(): void {
  links.forEach((link, index) => drain(link, macs[index] ?? ''));
}

function sendBatch(frames: Frames, first: number): void {
  for (let index = 0; index < BATCH; index++) input.send(frames.at((first + index) % CONNECTIONS));
  input.flush();
}

const openings = new Frames(CONNECTIONS, 'client', 'S');
for (let first = 0; first < CONNECTIONS; first += BATCH) {
  sendBatch(openings, first);
  await sleep(20);
  drainBoth();
}
await sleep(500);
drainBoth();

const segments = new Frames(CONNECTIONS, 'client', 'A');
for (let run = 0; run < Number(runs); run++) {
  arrived = 0;
  let sent = 0;
  let lastProgress = performance.now();
  const started = performance.now();
  while (performance.now() - started < Number(seconds) * 1000) {
    const before = arrived;
    if (sent - arrived < UNDER_WAY) {
      sendBatch(segments, sent);
      sent += BATCH;
    }
    drainBoth();
    if (arrived !== before) lastProgress = performance.now();
    else if (performance.now() - lastProgress > 100) sent = arrived;
    else if (sent - arrived >= UNDER_WAY) await host.wait(10);
  }
  console.log(arrived / ((performance.now() - started) / 1000));
  await sleep(100);
  drainBoth();
}
host.close();
