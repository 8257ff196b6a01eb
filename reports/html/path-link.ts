/** A path as a link: each part escaped, so that a name with `#` or `?` is still found. */
export function pathLink(path: string): string {
  return path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
