import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';

/**
 * The error for a capture file that is wrong at `offset` (bytes from 0) in, or before, frame `frame` (from 1, as
 * tcpdump and Wireshark count). `editcap`: the options with which that tool of Wireshark makes a file of the frames
 * before the damage; left out where it cannot.
 */
export function captureDamage(
  name: string,
  offset: number,
  frame: number,
  wrong: string,
  editcap?: readonly string[],
): MalformedInput {
  const rescue =
    editcap === undefined
      ? ''
      : `, or keep what is whole with: ${['editcap', ...editcap, name, 'whole.pcapng'].join(' ')}`;
  return new MalformedInput(
    `${name}: byte ${offset}, frame ${frame}: ${wrong}; copy or capture the file again${rescue}`,
  );
}

/**
 * Throws UnsupportedFeature unless the link type is Ethernet (LINKTYPE_ETHERNET is 1) and its frames end without a
 * check sequence.
 */
export function requireEthernet(name: string, offset: number, linkType: number, checkSequenceBytes: number): void {
  if (linkType !== 1) {
    throw new UnsupportedFeature(
      `${name}: byte ${offset}: link type ${linkType} is not Ethernet (1); capture on an Ethernet interface`,
    );
  }
  if (checkSequenceBytes !== 0) {
    throw new UnsupportedFeature(
      `${name}: byte ${offset}: the frames end with a check sequence of ${checkSequenceBytes} bytes; capture without it (on Linux: ethtool -K NAME rx-fcs off)`,
    );
  }
}

/** A frame takes about 220 bytes beside the file's own: this many take 900 MB, and `diff` holds two captures. */
export const MOST_FRAMES = 4_000_000;

/** Throws UnsupportedFeature where a capture has more frames than are held in memory. */
export function requireRoom(name: string, frames: number): void {
  if (frames <= MOST_FRAMES) return;
  throw new UnsupportedFeature(
    `${name}: more than ${MOST_FRAMES} frames; split the file with: editcap -c 1000000 ${name} part.pcapng`,
  );
}
