/** Text that is markup already. Made by {@link html}, which escapes everything else, and of JSON that cannot hold markup. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type MarkupPart = Markup | string | number | readonly MarkupPart[];

/** A template whose holes are escaped, for text between tags and for values in double quotes; markup stays as it is, lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return new Markup(
    compact(strings)
      .map((text, index) => (index === 0 ? '' : render(parts[index - 1] ?? '')) + text)
      .join(''),
  );
}

const compacted = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Without the indentation that the template has in the source. */
function compact(strings: TemplateStringsArray): readonly string[] {
  const known = compacted.get(strings);
  if (known !== undefined) {
    return known;
  }
  const short = strings.map((text) => text.replace(/\s*\n\s*(?=>)/g, '').replace(/\s*\n\s*/g, '\n'));
  compacted.set(strings, short);
  return short;
}

function render(part: MarkupPart): string {
  if (part instanceof Markup) {
    return part.text;
  }
  return typeof part === 'object' ? part.map(render).join('') : escapeHtml(String(part));
}

const references: ReadonlyMap<string, string> = new Map([
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['&', '&amp;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Control characters, which HTML forbids even as references, become U+FFFD; so do lone surrogates. */
function escapeHtml(text: string): string {
  if (!/[^\x20-\x7e\n]|[<>&"']/.test(text)) {
    return text;
  }
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
    .replace(/[<>&"']/g, (character) => references.get(character) ?? character);
}
