import type { Mutant } from '../mutant.ts';

/** Faults in the translation of payloads. */
export const mutants: readonly Mutant[] = [
  {
    id: 'ftp-passive-untranslated',
    fault: 'the address in a 227 reply is not translated',
    file: 'applications/ftp.ts',
    text: 'return replaceInPayload(packet, named.from, named.to, text);',
    becomes: 'return 0;',
  },
  {
    id: 'ftp-passive-unexpected',
    fault: 'the data connection of PASV is not expected',
    file: 'applications/ftp.ts',
    text: 'this.#expect(control, { ...virtual, ...ends }, FLAG.noClientPort);',
    becomes: 'this.#expect(control, { ...virtual, ...ends, virtualPort: 1 }, FLAG.noClientPort);',
  },
  {
    id: 'ftp-active-unexpected',
    fault: 'the data connection of PORT is not expected',
    file: 'applications/ftp.ts',
    text: 'table.setMark(this.#expect(control, ends, 0), mark);',
    becomes: '',
  },
  {
    id: 'ftp-no-sequence-adjustment',
    fault: 'sequence numbers are not adjusted after a reply changed its length',
    file: 'applications/ftp.ts',
    text: 'if (difference !== 0) control.server.resize(sequence, difference);',
    becomes: '',
  },
  {
    id: 'ftp-no-acknowledgement-adjustment',
    fault: 'acknowledgements are not adjusted after a reply changed its length',
    file: 'applications/tcp-payload.ts',
    text: 'rewriteField32(packet, field, other.acknowledgement(view.getUint32(field)));',
    becomes: '',
  },
  {
    id: 'ftp-extended-untranslated',
    fault: 'EPSV is not understood',
    file: 'applications/ftp.ts',
    text: 'control.mode = mode;',
    becomes: "control.mode = mode === 'passive' ? mode : 'none';",
  },
  {
    id: 'ftp-epsv-all',
    fault: 'EPSV ALL is taken for EPSV',
    file: 'applications/ftp-syntax.ts',
    text: '(EPSV(?:\\r[^]| 1\\r))|EPSV [^]',
    becomes: '(EPSV)',
  },
  {
    id: 'ftp-bad-checksum',
    fault: 'a damaged segment of a control connection is repaired',
    file: 'applications/ftp.ts',
    text: 'packet: PacketBuffer): boolean {\n    const control = this.#controls.get(connection);\n    if (control === undefined || !this.#isSound(packet)) return false;\n    if (',
    becomes:
      'packet: PacketBuffer): boolean {\n    const control = this.#controls.get(connection);\n    if (control === undefined || !isTranslatable(packet)) return false;\n    if (',
  },
  {
    id: 'ftp-mode-kept',
    fault: 'a repeated 227 reply is translated again',
    file: 'applications/ftp.ts',
    text: "    if (this.#profile.repeatedFtpReplies === 'as they are') control.mode = 'none';",
    becomes: '',
  },
  {
    id: 'ftp-on-every-port',
    fault: 'what looks like FTP is translated on every port',
    file: 'applications/ftp.ts',
    text: 'table.virtualPort(connection) === PORT.ftp',
    becomes: 'table.virtualPort(connection) > 0',
  },
];
