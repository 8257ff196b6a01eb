/** A node of an XML document: an element, or text. */
export type XmlNode = string | XmlElement;

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly XmlNode[];
}

/** Text and attribute values may hold anything: what XML forbids is left out, what it treats specially is escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly XmlNode[]
): XmlElement {
  return { name, attributes, children };
}

/** The document with its declaration, one element a line, text as it is. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, '')}\n`;
}

function render(node: XmlElement, indentation: string): string {
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`,
  );
  const start = `${indentation}<${node.name}${attributes.join('')}`;
  if (node.children.length === 0) {
    return `${start}/>`;
  }
  const children = node.children.map((child) =>
    typeof child === 'string' ? escapeText(child) : `\n${render(child, `${indentation}  `)}`,
  );
  const end = node.children.some((child) => typeof child !== 'string') ? `\n${indentation}` : '';
  return `${start}>${children.join('')}${end}</${node.name}>`;
}

const references: ReadonlyMap<string, string> = new Map([
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['&', '&amp;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

/** A reader turns a line break or tab in an attribute into a space (XML 1.0 §3.3.3), so there they are references. */
function escapeAttribute(value: string): string {
  return allowed(value).replace(/[<>&"'\t\n\r]/g, refer);
}

/** A reader turns a carriage return into a line feed (XML 1.0 §2.11). */
function escapeText(text: string): string {
  return allowed(text).replace(/[<>&\r]/g, refer);
}

function refer(character: string): string {
  return references.get(character) ?? character;
}

/** XML 1.0 §2.2 Char: tab, line feed, carriage return and everything from U+0020 but surrogates, U+FFFE and U+FFFF. */
function allowed(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}
