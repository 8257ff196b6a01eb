import type { TemplateLayer } from './expectation.ts';
import type { Matcher } from './expectation.ts';

type Value = string | number | boolean;

/** One line: `ip ttl 63, destination 192.168.1.11 | tcp destinationPort 8080`. */
export function describeTemplate(template: readonly TemplateLayer[]): string {
  return template.length === 0 ? 'any packet' : template.map(describeLayer).join(' | ');
}

/** A value or matcher as a reader would say it. */
export function describeExpected(expected: Value | Matcher<Value>): string {
  if (typeof expected !== 'object') return expected === '' ? "''" : String(expected);
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
