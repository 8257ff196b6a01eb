import type { Layer } from '../../reference/wire/layer.ts';

/** A field's expectation where one literal value does not say it. */
export type Matcher<T> =
  /** Any of these values is right. */
  | { readonly oneOf: readonly T[] }
  /** `required` is right; `deviates` is a known, named departure from it. */
  | { readonly required: T; readonly deviates: T; readonly deviation: string }
  /** Present, whatever its value (for checksums: also a wrong one). */
  | { readonly any: true };

/** A layer's fields, each with a value or a {@link Matcher}. */
export type ExpectedFields<F> = { readonly [Name in keyof F]?: F[Name] | Matcher<NonNullable<F[Name]>> };

type Expected<L> = L extends { readonly kind: infer K }
  ? { readonly kind: K } & ExpectedFields<Omit<L, 'kind'>>
  : never;

/** A layer as a template to match: like {@link Layer}, and each field may be a {@link Matcher}. */
export type TemplateLayer = Expected<Layer>;
