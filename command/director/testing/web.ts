/** A real server: `/` tells its name and the client's address, `/large` is 3 MB, `/slow` ends after two seconds. */
export function webServer(name: string, port: number): string[] {
  const source = `
    const large = Buffer.alloc(3_000_000, '.');
    require('node:http').createServer((request, response) => {
      if (request.url === '/large') response.end(large);
      else if (request.url === '/slow') {
        response.write('${name} began');
        setTimeout(() => response.end(', and ended'), 2000);
      } else response.end('${name} ' + request.socket.remoteAddress.replace('::ffff:', ''));
    }).listen(${port}, () => console.log('listening'));`;
  return [process.execPath, '-e', source];
}

/** Asks for each path in turn, each on a connection of its own, and writes an answer a line: `name address`, the length of a large one, or what failed. */
export function webClient(base: string, ...paths: readonly string[]): string[] {
  const source = `
    const http = require('node:http');
    const ask = (path) => new Promise((resolve) => {
      http.get('${base}' + path, { agent: false, timeout: 10_000 }, (response) => {
        let body = '';
        response.on('data', (data) => (body += data)).on('end', () => resolve(body.length > 100 ? body.length : body))
          .on('error', (error) => resolve(error.code));
      }).on('error', (error) => resolve(error.code)).on('timeout', function () { this.destroy(); });
    });
    (async () => { for (const path of ${JSON.stringify(paths)}) console.log(await ask(path)); })();`;
  return [process.execPath, '-e', source];
}
