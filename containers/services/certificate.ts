import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { der, objectIdentifier, TAG } from './der.ts';

/** The name that the certificate is for; a client resolves it to the virtual address by itself (`curl --resolve`). */
export const SERVICE_NAME = 'service.test';

/**
 * Makes the one certificate of a run and its key, below `tls/` of the folder that becomes `/srv/content`. All real servers have the same,
 * as those of one service do, and clients trust it alone (`curl --cacert`).
 */
export function writeCertificate(folder: string): void {
  const { certificate, key } = makeCertificate();
  mkdirSync(join(folder, 'tls'), { recursive: true });
  writeFileSync(join(folder, 'tls', 'certificate.pem'), certificate);
  writeFileSync(join(folder, 'tls', 'key.pem'), key, { mode: 0o600 });
}

/** A self-signed certificate (RFC 5280 §4.1) of an elliptic curve key, in PEM. It is valid from yesterday on, as clocks differ, for a month. */
export function makeCertificate(): { readonly certificate: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, objectIdentifier(COMMON_NAME), der(TAG.utf8String, Buffer.from(SERVICE_NAME)))),
  );
  const toBeSigned = der(
    TAG.sequence,
    der(VERSION, der(TAG.integer, Buffer.from([2]))),
    // A leading byte below 0x80 keeps the number positive, one above 0 its encoding the shortest.
    der(TAG.integer, Buffer.from([1]), randomBytes(8)),
    SIGNATURE_ALGORITHM,
    name,
    der(TAG.sequence, timeAfter(-1), timeAfter(30)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(TAG.sequence, subjectAlternativeName())),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = der(TAG.sequence, toBeSigned, SIGNATURE_ALGORITHM, der(TAG.bitString, NO_UNUSED_BITS, signature));
  return { certificate: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const SIGNATURE_ALGORITHM = der(TAG.sequence, objectIdentifier(ECDSA_WITH_SHA256));
const NO_UNUSED_BITS = Buffer.from([0]);
// Fields of a certificate, and the kind of name that is a DNS name.
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;

function subjectAlternativeName(): Buffer {
  const names = der(TAG.sequence, der(DNS_NAME, Buffer.from(SERVICE_NAME)));
  return der(TAG.sequence, objectIdentifier(SUBJECT_ALTERNATIVE_NAME), der(TAG.octetString, names));
}

function timeAfter(days: number): Buffer {
  const time = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(TAG.utcTime, Buffer.from(`${time.replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
