/** Elements of HTML that have no end tag. */
const VOID = new Set(['meta', 'link', 'input', 'br', 'hr', 'img']);

const TAG =
  /<(?:!doctype html|\?xml version="1\.0" encoding="UTF-8"\?)>|<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/gy;

/**
 * What keeps a text from being well-formed: tags that do not match, attributes without quotes, `<` or `&` left bare, control
 * characters. Empty where all is well. Stricter than readers are, and knows nothing of what an element may hold.
 */
export function markupErrors(text: string): string[] {
  const open: string[] = [];
  const errors: string[] = [];
  let at = 0;
  while (at < text.length && errors.length === 0) {
    const next = text.indexOf('<', at);
    const content = text.slice(at, next === -1 ? text.length : next);
    if (/&(?!(?:lt|gt|amp|quot|apos|#\d+);)/.test(content)) {
      errors.push(`bare & in ${content}`);
    }
    at = next === -1 ? text.length : next;
    if (at === text.length) {
      break;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (tag === null) {
      errors.push(`bare < in ${text.slice(at, at + 60)}`);
      break;
    }
    at = TAG.lastIndex;
    const [, end, name, attributes = '', empty] = tag;
    if (/&(?!(?:lt|gt|amp|quot|apos|#\d+);)/.test(attributes)) {
      errors.push(`bare & in ${attributes}`);
    }
    if (name === undefined || empty === '/' || VOID.has(name)) {
      continue;
    }
    if (end !== '/') {
      open.push(name);
    } else if (open.pop() !== name) {
      errors.push(`</${name}> closes another element`);
    }
  }
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)) {
    errors.push('a forbidden character');
  }
  return [...errors, ...(open.length > 0 && errors.length === 0 ? [`not closed: ${open.join(' ')}`] : [])];
}
