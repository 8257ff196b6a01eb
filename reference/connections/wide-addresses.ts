import { isIpv6, type Address } from '../wire/ip-address.ts';
import { readIpv6, writeIpv6 } from '../wire/ipv6-address.ts';
import { FAMILY, RECORD, WIDE } from './connection-record.ts';

/** Which of a connection's addresses: where its fold stands in the record. */
export type AddressField =
  typeof RECORD.clientAddress | typeof RECORD.virtualAddress | typeof RECORD.destinationAddress;

/** The whole IPv6 addresses of connections, by handle. They take no memory as long as there was no IPv6 connection. */
export class WideAddresses {
  #view = new DataView(new ArrayBuffer(0));

  /** Whether the record says that this address is of IPv6. */
  isWide(records: DataView, handle: number, field: AddressField): boolean {
    return (records.getUint8(handle * RECORD.size + RECORD.family) & familyBit(field)) !== 0;
  }

  get(handle: number, field: AddressField): bigint {
    return readIpv6(this.#view, handle * WIDE.size + field * WIDE.perFold);
  }

  /** Whether `address`, whose fold stands in the record, is the one there. */
  has(records: DataView, handle: number, field: AddressField, address: Address): boolean {
    const isWide = this.isWide(records, handle, field);
    return isIpv6(address) ? isWide && this.get(handle, field) === address : !isWide;
  }

  /** Remembers the address and says so in the record. */
  set(records: DataView, handle: number, field: AddressField, address: bigint): void {
    const family = handle * RECORD.size + RECORD.family;
    records.setUint8(family, records.getUint8(family) | familyBit(field));
    if (this.#view.byteLength === 0) this.#reserve(records.byteLength / RECORD.size);
    writeIpv6(this.#view, handle * WIDE.size + field * WIDE.perFold, address);
  }

  /** Room for so many connections, if there is any of IPv6. */
  grow(capacity: number): void {
    if (this.#view.byteLength > 0) this.#reserve(capacity);
  }

  #reserve(capacity: number): void {
    const bytes = new Uint8Array(capacity * WIDE.size);
    bytes.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(bytes.buffer);
  }
}

function familyBit(field: AddressField): number {
  return field === RECORD.destinationAddress ? FAMILY.destination : FAMILY.client;
}
