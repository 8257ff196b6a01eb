import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explain, problemOf } from './endpoint.ts';

describe('an engine that does not answer', () => {
  let folder = '';
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'endpoint-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is one that is not there: it is to be installed', async () => {
    expect(await problemOf(`unix://${folder}/none.sock`)).toMatch(/^there is no unix:.*apt-get install docker\.io/);
  });

  it('is one that this user may not use: the group is named', () => {
    expect(explain('unix:///var/run/docker.sock', 'EACCES')).toMatch(/usermod -aG docker \S+$/);
  });

  it('is one that nothing listens for', async () => {
    expect(await problemOf('tcp://127.0.0.1:1')).toMatch(/^nothing listens at tcp:\/\/127\.0\.0\.1:1; start it/);
  });

  it('is one that takes the question and keeps silent, after two seconds', async () => {
    const socket = join(folder, 'silent.sock');
    const server = createServer(() => undefined).listen(socket);
    expect(await problemOf(`unix://${socket}`)).toMatch(/does not answer within 2 s/);
    server.closeAllConnections();
    server.close();
  });

  it('is not one that answers', async () => {
    const socket = join(folder, 'engine.sock');
    const server = createServer((request, response) => response.end(request.url === '/_ping' ? 'OK' : '')).listen(
      socket,
    );
    expect(await problemOf(`unix://${socket}`)).toBeNull();
    server.close();
  });

  it('is what no address names', async () => {
    expect(await problemOf('docker')).toBe(
      'docker is no unix:// or tcp:// address; set DOCKER_HOST to one, or unset it',
    );
    expect(await problemOf('ssh://there')).toMatch(/is no unix:\/\/ or tcp:\/\/ address/);
  });
});
