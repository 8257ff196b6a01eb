import type { Matcher, TemplateLayer } from './expectation.ts';

type Value = string | number | boolean;

/** One line: `ip ttl 63, destination 192.168.1.11 | tcp destinationPort 8080`. */
export function describeTemplate(template: readonly TemplateLayer[]): string {
  return template.length === 0 ? 'any packet' : template.map(describeLayer).join(' | ');
}

/** A value or matcher as a reader would say it. */
export function describeExpected(expected: Value | Matcher<Value>): string {
  if (typeof expected === 'string') return describeText(expected);
  if (typeof expected !== 'object') return String(expected);
  if ('oneOf' in expected) return `one of ${expected.oneOf.join(', ')}`;
  if ('required' in expected) return `${expected.required} (or ${expected.deviates}: ${expected.deviation})`;
  return 'anything';
}

function describeLayer({ kind, ...fields }: TemplateLayer): string {
  const parts = Object.entries(fields).map(
    ([name, value]: [string, Value | Matcher<Value>]) => `${name} ${describeExpected(value)}`,
  );
  return [kind, parts.join(', ')].filter((part) => part !== '').join(' ');
}

/** Of longer text, hexadecimal data, only so many characters are shown. */
const SHOWN = 32;

function describeText(text: string): string {
  if (text === '') return "''";
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length / 2} bytes)`;
}
