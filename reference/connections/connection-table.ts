import { foldAddress } from '../wire/fold-address.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { FLAG, METHOD, METHOD_MASK, NONE, RECORD } from './connection-record.ts';
import { ExpiryRing } from './expiry-ring.ts';
import { WideAddresses, type AddressField } from './wide-addresses.ts';

/** What identifies a new connection. Ports host order; timeout in milliseconds. */
export interface NewConnection {
  readonly protocol: number;
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly virtualAddress: Address;
  readonly virtualPort: number;
  readonly destinationAddress: Address;
  readonly destinationPort: number;
  readonly flags: number;
  readonly state: number;
  readonly timeout: number;
  /** Index of the real server. */
  readonly server: number;
}

/**
 * The connection table (ip_vs_conn.c): records in one buffer, found by the client's address, port and protocol.
 * Both directions hash the client's side: it is the source of a request and the destination of a reply.
 * A connection is named by its handle, a small integer valid until it expires.
 */
export class ConnectionTable {
  #capacity = 64;
  #view = new DataView(new ArrayBuffer(this.#capacity * RECORD.size));
  readonly #wide = new WideAddresses();
  #buckets = new Int32Array(this.#capacity).fill(NONE);
  /** Handles never used begin here; those given back form a list through `hashNext`. */
  #unused = 0;
  #free = NONE;
  #count = 0;
  #withoutClientPort = 0;
  readonly #ring = new ExpiryRing();

  get count(): number {
    return this.#count;
  }

  /** No connection expires before this instant (ms). */
  get nextDue(): number {
    return this.#count === 0 ? Infinity : this.#ring.soonest;
  }

  /** Creates a connection. It is found from now on, unless it is for one packet; its timer runs from the first {@link arm}. */
  create(connection: NewConnection): number {
    const handle = this.#allocate();
    const view = this.#view;
    const record = handle * RECORD.size;
    view.setUint8(record + RECORD.family, 0);
    this.#setAddress(handle, RECORD.clientAddress, connection.clientAddress);
    this.#setAddress(handle, RECORD.virtualAddress, connection.virtualAddress);
    this.#setAddress(handle, RECORD.destinationAddress, connection.destinationAddress);
    view.setUint16(record + RECORD.clientPort, connection.clientPort, true);
    view.setUint16(record + RECORD.virtualPort, connection.virtualPort, true);
    view.setUint16(record + RECORD.destinationPort, connection.destinationPort, true);
    view.setUint8(record + RECORD.protocol, connection.protocol);
    view.setUint8(record + RECORD.state, connection.state);
    view.setUint16(record + RECORD.flags, connection.flags, true);
    view.setInt32(record + RECORD.timerSlot, NONE, true);
    view.setUint32(record + RECORD.timeout, connection.timeout, true);
    view.setInt32(record + RECORD.control, NONE, true);
    view.setUint32(record + RECORD.controlled, 0, true);
    view.setUint32(record + RECORD.server, connection.server, true);
    view.setUint32(record + RECORD.packets, 0, true);
    view.setUint16(record + RECORD.toldState, 0, true);
    view.setUint32(record + RECORD.mark, 0, true);
    if ((connection.flags & FLAG.onePacket) === 0) this.#hash(handle);
    this.#count++;
    if ((connection.flags & FLAG.noClientPort) !== 0) this.#withoutClientPort++;
    return handle;
  }

  /**
   * The connection of a packet from the client, {@link NONE} if there is none (ip_vs_conn_in_get). An expected FTP data
   * connection has no client port yet and is found with port 0, after every exact match failed.
   */
  findIn(protocol: number, source: Address, sourcePort: number, destination: Address, destinationPort: number): number {
    const exact = this.#findIn(protocol, source, sourcePort, destination, destinationPort);
    if (exact !== NONE || this.#withoutClientPort === 0) return exact;
    return this.#findIn(protocol, source, 0, destination, destinationPort);
  }

  #findIn(protocol: number, client: Address, clientPort: number, virtual: Address, virtualPort: number): number {
    const view = this.#view;
    const clientFold = foldAddress(client);
    const virtualFold = foldAddress(virtual);
    let handle = this.#buckets[this.#bucket(clientFold, clientPort, protocol)] ?? NONE;
    while (handle !== NONE) {
      const record = handle * RECORD.size;
      if (
        view.getUint32(record + RECORD.clientAddress, true) === clientFold &&
        view.getUint16(record + RECORD.clientPort, true) === clientPort &&
        view.getUint16(record + RECORD.virtualPort, true) === virtualPort &&
        view.getUint32(record + RECORD.virtualAddress, true) === virtualFold &&
        this.#wide.has(view, handle, RECORD.clientAddress, client) &&
        this.#wide.has(view, handle, RECORD.virtualAddress, virtual) &&
        view.getUint8(record + RECORD.protocol) === protocol &&
        // Searched with port 0 exactly the entries without client port match: a packet from port 0 finds nothing.
        (clientPort === 0) === ((view.getUint16(record + RECORD.flags, true) & FLAG.noClientPort) !== 0)
      ) {
        return handle;
      }
      handle = view.getInt32(record + RECORD.hashNext, true);
    }
    return NONE;
  }

  /**
   * The connection of a packet from a real server (ip_vs_conn_out_get): VS/NAT replies come from the server's own address,
   * those of the other methods from the virtual one.
   */
  findOut(protocol: number, source: Address, sourcePort: number, client: Address, clientPort: number): number {
    const view = this.#view;
    const sourceFold = foldAddress(source);
    const clientFold = foldAddress(client);
    let handle = this.#buckets[this.#bucket(clientFold, clientPort, protocol)] ?? NONE;
    while (handle !== NONE) {
      const record = handle * RECORD.size;
      if (
        view.getUint32(record + RECORD.clientAddress, true) === clientFold &&
        view.getUint16(record + RECORD.clientPort, true) === clientPort &&
        view.getUint8(record + RECORD.protocol) === protocol &&
        this.#wide.has(view, handle, RECORD.clientAddress, client)
      ) {
        const nat = (view.getUint16(record + RECORD.flags, true) & METHOD_MASK) === METHOD.nat;
        const address = nat ? RECORD.destinationAddress : RECORD.virtualAddress;
        const port = nat ? RECORD.destinationPort : RECORD.virtualPort;
        if (
          view.getUint32(record + address, true) === sourceFold &&
          view.getUint16(record + port, true) === sourcePort &&
          this.#wide.has(view, handle, address, source)
        ) {
          return handle;
        }
      }
      handle = view.getInt32(record + RECORD.hashNext, true);
    }
    return NONE;
  }

  /** The persistence template of a client for a virtual address and port (ip_vs_ct_in_get). */
  findTemplate(protocol: number, client: Address, clientPort: number, virtual: Address, virtualPort: number): number {
    let handle = this.#buckets[this.#bucket(foldAddress(client), clientPort, protocol)] ?? NONE;
    for (; handle !== NONE; handle = this.#next(handle)) {
      if (
        (this.flags(handle) & FLAG.template) !== 0 &&
        this.clientAddress(handle) === client &&
        this.clientPort(handle) === clientPort &&
        this.virtualAddress(handle) === virtual &&
        this.virtualPort(handle) === virtualPort &&
        this.protocol(handle) === protocol
      ) {
        return handle;
      }
    }
    return NONE;
  }

  clientAddress(handle: number): Address {
    return this.#address(handle, RECORD.clientAddress);
  }
  clientPort(handle: number): number {
    return this.#view.getUint16(handle * RECORD.size + RECORD.clientPort, true);
  }
  virtualAddress(handle: number): Address {
    return this.#address(handle, RECORD.virtualAddress);
  }
  virtualPort(handle: number): number {
    return this.#view.getUint16(handle * RECORD.size + RECORD.virtualPort, true);
  }
  destinationAddress(handle: number): Address {
    return this.#address(handle, RECORD.destinationAddress);
  }
  destinationPort(handle: number): number {
    return this.#view.getUint16(handle * RECORD.size + RECORD.destinationPort, true);
  }
  setPorts(handle: number, virtualPort: number, destinationPort: number): void {
    this.#view.setUint16(handle * RECORD.size + RECORD.virtualPort, virtualPort, true);
    this.#view.setUint16(handle * RECORD.size + RECORD.destinationPort, destinationPort, true);
  }
  protocol(handle: number): number {
    return this.#view.getUint8(handle * RECORD.size + RECORD.protocol);
  }
  state(handle: number): number {
    return this.#view.getUint8(handle * RECORD.size + RECORD.state);
  }
  setState(handle: number, state: number): void {
    this.#view.setUint8(handle * RECORD.size + RECORD.state, state);
  }
  flags(handle: number): number {
    return this.#view.getUint16(handle * RECORD.size + RECORD.flags, true);
  }
  setFlags(handle: number, flags: number): void {
    this.#view.setUint16(handle * RECORD.size + RECORD.flags, flags, true);
  }
  server(handle: number): number {
    return this.#view.getUint32(handle * RECORD.size + RECORD.server, true);
  }
  setServer(handle: number, server: number): void {
    this.#view.setUint32(handle * RECORD.size + RECORD.server, server, true);
  }
  /** Packets of the client so far. */
  packets(handle: number): number {
    return this.#view.getUint32(handle * RECORD.size + RECORD.packets, true);
  }
  setPackets(handle: number, packets: number): void {
    this.#view.setUint32(handle * RECORD.size + RECORD.packets, packets, true);
  }
  /** The firewall mark of the packet that made it, whether its service is found by it or not; 0 until it is set. */
  mark(handle: number): number {
    return this.#view.getUint32(handle * RECORD.size + RECORD.mark, true);
  }
  setMark(handle: number, mark: number): void {
    this.#view.setUint32(handle * RECORD.size + RECORD.mark, mark, true);
  }
  /** The state that other directors were last told. */
  toldState(handle: number): number {
    return this.#view.getUint8(handle * RECORD.size + RECORD.toldState);
  }
  setToldState(handle: number, state: number): void {
    this.#view.setUint8(handle * RECORD.size + RECORD.toldState, state);
  }
  /** How often they were told again since what they know last changed much. */
  toldAgain(handle: number): number {
    return this.#view.getUint8(handle * RECORD.size + RECORD.toldAgain);
  }
  setToldAgain(handle: number, times: number): void {
    this.#view.setUint8(handle * RECORD.size + RECORD.toldAgain, times);
  }
  /** The instant (ms) at which the connection expires as far as they know. */
  toldUntil(handle: number): number {
    return this.#view.getFloat64(handle * RECORD.size + RECORD.toldUntil, true);
  }
  setToldUntil(handle: number, instant: number): void {
    this.#view.setFloat64(handle * RECORD.size + RECORD.toldUntil, instant, true);
  }
  /** Milliseconds that the timer is re-armed with. */
  timeout(handle: number): number {
    return this.#view.getUint32(handle * RECORD.size + RECORD.timeout, true);
  }
  setTimeout(handle: number, milliseconds: number): void {
    this.#view.setUint32(handle * RECORD.size + RECORD.timeout, milliseconds, true);
  }
  /** The instant (ms) at which the connection expires. */
  expires(handle: number): number {
    return this.#view.getFloat64(handle * RECORD.size + RECORD.expires, true);
  }
  /** The connection that this one hangs on: FTP's control connection for its data connections. */
  control(handle: number): number {
    return this.#view.getInt32(handle * RECORD.size + RECORD.control, true);
  }
  /** How many connections hang on this one. */
  controlled(handle: number): number {
    return this.#view.getUint32(handle * RECORD.size + RECORD.controlled, true);
  }

  setControl(handle: number, control: number): void {
    this.#view.setInt32(handle * RECORD.size + RECORD.control, control, true);
    this.#addControlled(control, 1);
  }

  /** Re-arms the timer: the connection expires one timeout after `now` (ip_vs_conn_put). */
  arm(handle: number, now: number): void {
    this.#ring.arm(this.#view, handle, now + this.timeout(handle));
  }

  /** Takes the connections due at `now` off their timers, the earliest first. They stay in the table. */
  due(now: number): readonly number[] {
    return this.#ring.due(this.#view, now);
  }

  /** The first packet of an expected connection tells the client's port (ip_vs_conn_fill_cport). */
  fillClientPort(handle: number, port: number): void {
    this.#unhash(handle);
    this.#view.setUint16(handle * RECORD.size + RECORD.clientPort, port, true);
    this.setFlags(handle, this.flags(handle) & ~FLAG.noClientPort);
    this.#withoutClientPort--;
    this.#hash(handle);
  }

  /** Removes the connection. Its handle may be given to another. */
  remove(handle: number): void {
    if ((this.flags(handle) & FLAG.hashed) !== 0) this.#unhash(handle);
    this.#ring.remove(this.#view, handle);
    const control = this.control(handle);
    if (control !== NONE) this.#addControlled(control, -1);
    if ((this.flags(handle) & FLAG.noClientPort) !== 0) this.#withoutClientPort--;
    this.setFlags(handle, 0);
    this.#view.setInt32(handle * RECORD.size + RECORD.hashNext, this.#free, true);
    this.#free = handle;
    this.#count--;
  }

  /** Every connection, in no particular order: the kernel's own depends on a random number. */
  *handles(): Generator<number> {
    for (let handle = 0; handle < this.#unused; handle++) {
      if ((this.flags(handle) & FLAG.hashed) !== 0) yield handle;
    }
  }

  #addControlled(control: number, delta: number): void {
    this.#view.setUint32(control * RECORD.size + RECORD.controlled, this.controlled(control) + delta, true);
  }

  #address(handle: number, field: AddressField): Address {
    if (this.#wide.isWide(this.#view, handle, field)) return this.#wide.get(handle, field);
    return this.#view.getUint32(handle * RECORD.size + field, true);
  }

  #setAddress(handle: number, field: AddressField, address: Address): void {
    this.#view.setUint32(handle * RECORD.size + field, foldAddress(address), true);
    if (isIpv6(address)) this.#wide.set(this.#view, handle, field, address);
  }

  /** `address` is the fold of the client's. */
  #bucket(address: number, port: number, protocol: number): number {
    let hash = Math.imul(address, 0x9e3779b1) ^ Math.imul((port << 8) | protocol, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0xc2b2ae35);
    return (hash ^ (hash >>> 13)) & (this.#capacity - 1);
  }

  #bucketOf(handle: number): number {
    const address = this.#view.getUint32(handle * RECORD.size + RECORD.clientAddress, true);
    return this.#bucket(address, this.clientPort(handle), this.protocol(handle));
  }

  /** At the head of its bucket: of several that match, the newest is found. */
  #hash(handle: number): void {
    const record = handle * RECORD.size;
    const bucket = this.#bucketOf(handle);
    this.#view.setInt32(record + RECORD.hashNext, this.#buckets[bucket] ?? NONE, true);
    this.#buckets[bucket] = handle;
    this.setFlags(handle, this.flags(handle) | FLAG.hashed);
  }

  #unhash(handle: number): void {
    const view = this.#view;
    const bucket = this.#bucketOf(handle);
    const next = view.getInt32(handle * RECORD.size + RECORD.hashNext, true);
    let other = this.#buckets[bucket] ?? NONE;
    if (other === handle) {
      this.#buckets[bucket] = next;
      return;
    }
    while (other !== NONE) {
      const follower = view.getInt32(other * RECORD.size + RECORD.hashNext, true);
      if (follower === handle) {
        view.setInt32(other * RECORD.size + RECORD.hashNext, next, true);
        return;
      }
      other = follower;
    }
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const handle = this.#free;
      this.#free = this.#view.getInt32(handle * RECORD.size + RECORD.hashNext, true);
      return handle;
    }
    if (this.#unused === this.#capacity) this.#grow();
    return this.#unused++;
  }

  /** Doubles records and buckets. Within a bucket the order (newest first) is kept. */
  #grow(): void {
    const handles: number[] = [];
    for (const head of this.#buckets) {
      for (let handle = head; handle !== NONE; handle = this.#next(handle)) handles.push(handle);
    }
    this.#capacity *= 2;
    const bytes = new Uint8Array(this.#capacity * RECORD.size);
    bytes.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(bytes.buffer);
    this.#wide.grow(this.#capacity);
    this.#buckets = new Int32Array(this.#capacity).fill(NONE);
    // Entries that share a bucket afterwards shared one before: each goes to the head, so the oldest must come first.
    for (const handle of handles.reverse()) this.#hash(handle);
  }

  #next(handle: number): number {
    return this.#view.getInt32(handle * RECORD.size + RECORD.hashNext, true);
  }
}
