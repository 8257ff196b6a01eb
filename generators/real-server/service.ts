/** Where the model servers and those of a kernel listen, TCP and UDP alike. */
export const SERVICE_PORT = 80;

/**
 * The content that servers give: byte i is `i + (i >> 8) + seed`, so that a byte that is lost, doubled or out of place shows.
 */
export function contentOf(count: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => index + (index >> 8) + seed);
}

/** The request for it (HTTP/1.0, RFC 1945 §5). */
export function requestFor(count: number, seed: number): string {
  return `GET /${count}/${seed} HTTP/1.0\r\n\r\n`;
}

/** What a server answers to a whole request; undefined while it is not whole. What it does not understand has no content. */
export function responseTo(request: string): Uint8Array | undefined {
  if (!request.includes('\r\n\r\n')) return undefined;
  const [, count = '0', seed = '0'] = /^GET \/(\d{1,6})\/(\d{1,3}) /.exec(request) ?? [];
  const content = contentOf(Number(count), Number(seed));
  const head = `HTTP/1.0 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`;
  const response = new Uint8Array(head.length + content.length);
  response.set(Uint8Array.from(head, (character) => character.charCodeAt(0)));
  response.set(content, head.length);
  return response;
}
