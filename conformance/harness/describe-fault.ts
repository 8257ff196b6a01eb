import { InternalFault, MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';

/** What went wrong, for people: the message of an error made for them, else the message and the place it was thrown at. */
export function describeFault(error: unknown): string {
  if (error instanceof MalformedInput || error instanceof UnsupportedFeature || error instanceof InternalFault)
    return error.message;
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split('\n').find((line) => line.trim().startsWith('at '));
  return [`${error.name}: ${error.message}`, ...(place === undefined ? [] : [place.trim()])].join('\n');
}
