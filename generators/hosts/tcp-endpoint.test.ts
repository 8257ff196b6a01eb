import { describe, expect, it } from 'vitest';
import { Clock } from '../../reference/clock.ts';
import type { TcpFields } from '../../reference/wire/layer.ts';
import { type Segment, TcpEndpoint } from './tcp-endpoint.ts';
import { largestSegmentOption } from './tcp-options.ts';

const NOTHING = new Uint8Array(0);
const segment = (fields: TcpFields, data = NOTHING): Segment => ({ fields: { window: 8192, ...fields }, data });
const syn = (options?: string) =>
  segment({ sequence: 1000, flags: 'S', ...(options === undefined ? {} : { options }) });

/** A server's end whose numbers begin with 5000; the client's begin with 1000. */
function accepted(options?: string) {
  const clock = new Clock();
  const sent: Segment[] = [];
  const received: number[] = [];
  const endpoint = TcpEndpoint.accept(
    {
      clock,
      sourcePort: 80,
      destinationPort: 40001,
      initialSequence: 5000,
      largestSegment: 1460,
      send: (one) => sent.push({ fields: one.fields, data: one.data.slice() }),
      received: (data) => received.push(...data),
      ended: () => undefined,
    },
    syn(options),
  );
  const last = () => sent.at(-1) ?? segment({});
  const take = () => sent.splice(0);
  const advance = (seconds: number) => clock.advance(seconds * 1000, () => undefined);
  return { endpoint, received, last, take, advance };
}

function established(options = largestSegmentOption(1000)) {
  const end = accepted(options);
  end.endpoint.receive(segment({ sequence: 1001, acknowledgement: 5001, flags: 'A' }));
  end.take();
  return end;
}

describe('the end of a TCP connection', () => {
  it('answers a SYN with SYN and ACK, and says how large its segments may be', () => {
    const { last, endpoint } = accepted();
    expect(last().fields).toMatchObject({ flags: 'AS', sequence: 5000, acknowledgement: 1001, options: '020405b4' });
    expect(endpoint.state).toBe('syn-received');
  });

  it('answers the SYN again when it comes again', () => {
    const { endpoint, take } = accepted();
    take();
    endpoint.receive(syn());
    expect(take().map(({ fields }) => fields.flags)).toEqual(['AS']);
  });

  it('sends no segment larger than the other end takes, nor than 536 bytes to one that does not say', () => {
    for (const [options, size] of [
      [largestSegmentOption(1000), 1000],
      [largestSegmentOption(9000), 1460],
      ['', 536],
    ] as const) {
      const { endpoint, take } = established(options);
      endpoint.write(new Uint8Array(3000));
      expect(take()[0]?.data.length).toBe(size);
    }
  });

  it('sends no more than the other end has room for', () => {
    const { endpoint, take } = established();
    endpoint.receive(segment({ sequence: 1001, acknowledgement: 5001, flags: 'A', window: 1500 }));
    endpoint.write(new Uint8Array(3000));
    expect(take().map(({ data }) => data.length)).toEqual([1000, 500]);
  });

  it('takes bytes in order, each once, and says which it waits for', () => {
    const { endpoint, received, last } = established();
    const send = (sequence: number, ...bytes: number[]) =>
      endpoint.receive(segment({ sequence, acknowledgement: 5001, flags: 'AP' }, Uint8Array.of(...bytes)));
    send(1003, 3, 4);
    expect(last().fields.acknowledgement).toBe(1001);
    expect(received).toEqual([]);
    send(1001, 1, 2);
    expect(last().fields.acknowledgement).toBe(1005);
    send(1001, 1, 2, 3, 4);
    send(1003, 3, 4);
    expect(received).toEqual([1, 2, 3, 4]);
    expect(last().fields.acknowledgement).toBe(1005);
  });

  it('keeps a FIN that comes before its turn', () => {
    const { endpoint, received, last } = established();
    endpoint.receive(segment({ sequence: 1003, acknowledgement: 5001, flags: 'AF' }));
    expect(endpoint.state).toBe('established');
    endpoint.receive(segment({ sequence: 1001, acknowledgement: 5001, flags: 'A' }, Uint8Array.of(1, 2)));
    expect(endpoint.state).toBe('close-wait');
    expect(received).toEqual([1, 2]);
    expect(last().fields.acknowledgement).toBe(1004);
  });

  it('sends again what is not acknowledged, after one second, then two, and gives up in the end', () => {
    const { endpoint, take, advance } = established();
    endpoint.write(Uint8Array.of(1));
    expect(take()).toHaveLength(1);
    advance(0.99);
    expect(take()).toHaveLength(0);
    advance(0.01);
    expect(take()).toHaveLength(1);
    advance(1.99);
    expect(take()).toHaveLength(0);
    advance(1000);
    expect(take()).toHaveLength(7);
    expect(endpoint.state).toBe('closed');
  });

  it('cuts its segments when the path takes no larger ones, and sends again what may be lost', () => {
    const { endpoint, take } = established();
    endpoint.write(new Uint8Array(1000));
    take();
    endpoint.limitSegments(400);
    expect(take().map(({ fields, data }) => [fields.sequence, data.length])).toEqual([
      [5001, 400],
      [5401, 400],
      [5801, 200],
    ]);
    endpoint.limitSegments(900);
    expect(take()).toEqual([]);
  });

  it('sends something in each segment, however little the other end says it takes', () => {
    const { endpoint, take } = established('02040000');
    endpoint.write(new Uint8Array(96));
    expect(take().map(({ data }) => data.length)).toEqual([48, 48]);
  });

  it('closes first: FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, and after a minute nothing', () => {
    const { endpoint, take, last, advance } = established();
    endpoint.close();
    expect(take()[0]?.fields).toMatchObject({ flags: 'AF', sequence: 5001 });
    expect(endpoint.state).toBe('fin-wait-1');
    endpoint.receive(segment({ sequence: 1001, acknowledgement: 5002, flags: 'A' }));
    expect(endpoint.state).toBe('fin-wait-2');
    endpoint.receive(segment({ sequence: 1001, acknowledgement: 5002, flags: 'AF' }));
    expect(endpoint.state).toBe('time-wait');
    expect(last().fields).toMatchObject({ flags: 'A', acknowledgement: 1002 });
    advance(60);
    expect(endpoint.state).toBe('closed');
  });

  it('closes second: CLOSE-WAIT, LAST-ACK, and done with the acknowledgement', () => {
    const { endpoint } = established();
    endpoint.receive(segment({ sequence: 1001, acknowledgement: 5001, flags: 'AF' }));
    expect(endpoint.state).toBe('close-wait');
    endpoint.close();
    expect(endpoint.state).toBe('last-ack');
    endpoint.receive(segment({ sequence: 1002, acknowledgement: 5002, flags: 'A' }));
    expect(endpoint.state).toBe('closed');
  });

  it('believes a reset only in its place', () => {
    const { endpoint } = established();
    endpoint.receive(segment({ sequence: 1500, flags: 'R' }));
    expect(endpoint.state).toBe('established');
    endpoint.receive(segment({ sequence: 1001, flags: 'R' }));
    expect(endpoint.state).toBe('closed');
  });

  it('does not hang on options that lie about their length', () => {
    for (const options of ['02', '0201', '0800', '0204', '01010101', '00', 'fe00fe00']) {
      const { endpoint, take } = established(options);
      endpoint.write(new Uint8Array(600));
      expect(take()[0]?.data.length).toBe(536);
    }
  });
});
