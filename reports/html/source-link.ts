/** Where a citation can be read, or null: RFCs by section and web addresses. */
export function sourceLink(source: string): string | null {
  const rfc = /^RFC (\d+)(?: §(\d+(?:\.\d+)*))?/.exec(source);
  if (rfc !== null) {
    const [, number = '', section] = rfc;
    return `https://www.rfc-editor.org/rfc/rfc${number}${section === undefined ? '' : `#section-${section}`}`;
  }
  return /^https:\/\/\S+$/.test(source) ? source : null;
}
