import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeCertificate, SERVICE_NAME } from './certificate.ts';

describe('certificate of the service', () => {
  const { certificate, key } = makeCertificate();
  const parsed = new X509Certificate(certificate);

  it('is for the name of the service and no other', () => {
    expect(parsed.checkHost(SERVICE_NAME)).toBe(SERVICE_NAME);
    expect(parsed.checkHost(`other.${SERVICE_NAME}`)).toBeUndefined();
  });

  it('is signed by its own key, which is the one beside it', () => {
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  it('is valid now', () => {
    expect(Date.parse(parsed.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(parsed.validTo)).toBeGreaterThan(Date.now());
  });

  it('is another one in the next run', () => {
    expect(makeCertificate().certificate).not.toBe(certificate);
  });

  it('is accepted in a handshake by a client that trusts it alone, and by no other client', async () => {
    const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const options = { port, host: '127.0.0.1', servername: SERVICE_NAME };
    const trusting = connect({ ...options, ca: certificate });
    await once(trusting, 'secureConnect');
    expect(trusting.authorized).toBe(true);
    await expect(once(connect(options), 'secureConnect')).rejects.toThrow('self-signed certificate');
    trusting.destroy();
    server.close();
  });
});
