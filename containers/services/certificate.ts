import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InternalFault } from '../../reference/errors.ts';
import type { ContainerRun } from '../engine/container-run.ts';

/** The name that the certificate is for; a client resolves it to the virtual address by itself (`curl --resolve`). */
export const SERVICE_NAME = 'service.test';

/** Where the container that makes it has the folder. */
const FOLDER = '/tls';

/**
 * Has OpenSSL make the one certificate of a run and its key, below `tls/` of the folder that becomes `/srv/content`. All real servers have
 * the same, as those of one service do, and clients trust it alone (`curl --cacert`).
 */
export async function writeCertificate(run: ContainerRun, folder: string): Promise<void> {
  const place = join(folder, 'tls');
  mkdirSync(place, { recursive: true });
  await run
    .container('certificate')
    .withBindMounts([{ source: place, target: FOLDER, mode: 'rw' }])
    .use(async (container) => {
      const { exitCode, stderr } = await container.exec([
        ...[
          'openssl',
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '30',
        ],
        ...['-subj', `/CN=${SERVICE_NAME}`, '-addext', `subjectAltName=DNS:${SERVICE_NAME}`],
        ...['-keyout', `${FOLDER}/key.pem`, '-out', `${FOLDER}/certificate.pem`],
      ]);
      if (exitCode !== 0) throw new InternalFault(`openssl made no certificate: ${stderr.trim()}`);
    });
}
