/** Bytes of a Call-ID that a template can keep (`IP_VS_PEDATA_MAXLEN`). */
const LONGEST = 255;
const NONE = -1;

const CR = 0x0d;
const LF = 0x0a;
const NAME = 'call-id';

/**
 * The Call-ID of a SIP message (RFC 3261 §20.8), each byte a character, as the kernel finds it (nf_conntrack_sip.c:ct_sip_get_header,
 * ip_vs_pe_sip.c:get_callid): the first one that has a value, behind the first line, in the body too. Undefined where that is too long or
 * more follows it on its line.
 */
export function findCallId(message: Uint8Array): string | undefined {
  let from = 0;
  for (;;) {
    const value = nextValue(message, from);
    if (value === NONE) return undefined;
    const end = endOfCallId(message, value);
    if (end > value) {
      if (end - value > LONGEST || !isLineEnd(message[end])) return undefined;
      return String.fromCharCode(...message.subarray(value, end));
    }
    // The kernel counts from the beginning once more: of several empty ones it leaves out what stands between.
    from += value;
  }
}

/** Where the value of the next Call-ID header begins. A line that begins like one and has no colon ends the search. */
function nextValue(message: Uint8Array, from: number): number {
  for (let at = from; at < message.length; at++) {
    if (!isLineEnd(message[at])) continue;
    at = behindLineEnd(message, at);
    const length = nameLength(message, at);
    if (length === 0) continue;
    const colon = skipBlanks(message, at + length);
    if (message[colon] !== code(':')) return NONE;
    const value = skipBlanks(message, colon + 1);
    return value < message.length ? value : NONE;
  }
  return NONE;
}

/** How long the header's name is there, in any case; the compact `i` must be the whole word (RFC 3261 §7.3.3). 0 for another header. */
function nameLength(message: Uint8Array, at: number): number {
  const name = String.fromCharCode(...message.subarray(at, at + NAME.length)).toLowerCase();
  if (name === NAME) return NAME.length;
  return name.startsWith('i') && name.length > 1 && !isLetter(message[at + 1]) ? 1 : 0;
}

/** Past spaces and tabs, and into one continuation line (RFC 3261 §7.3.1); the end of the message where a line ends for good. */
function skipBlanks(message: Uint8Array, from: number): number {
  const at = behindBlanks(message, from);
  if (!isLineEnd(message[at])) return at;
  const next = behindLineEnd(message, at);
  return isBlank(message[next]) ? behindBlanks(message, next) : message.length;
}

/** `word [ "@" word ]` (RFC 3261 §25.1); where nothing follows the `@` there is none. */
function endOfCallId(message: Uint8Array, start: number): number {
  const end = endOfWord(message, start);
  if (end === start || message[end] !== code('@')) return end;
  const domainEnd = endOfWord(message, end + 1);
  return domainEnd === end + 1 ? start : domainEnd;
}

function endOfWord(message: Uint8Array, start: number): number {
  let at = start;
  while (isWord(message[at])) at++;
  return at;
}

function behindBlanks(message: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(message[at])) at++;
  return at;
}

/** A line ends with CR, LF (RFC 2543) or both. */
function behindLineEnd(message: Uint8Array, at: number): number {
  return message[at] === CR && message[at + 1] === LF ? at + 2 : at + 1;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF;
}

function isBlank(byte: number | undefined): boolean {
  return byte === code(' ') || byte === code('\t');
}

/** Letters of Latin-1 are letters to the kernel (lib/ctype.c). */
function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]/.test(String.fromCharCode(byte));
}

/** A character of `word` (RFC 3261 §25.1). */
function isWord(byte: number | undefined): boolean {
  return byte !== undefined && (isLetter(byte) || /[-0-9.!%*_+`'~()<>:\\"/[\]?{}]/.test(String.fromCharCode(byte)));
}

function code(character: string): number {
  return character.charCodeAt(0);
}
