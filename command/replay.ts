import type { Capture, CapturedFrame } from '../conformance/captures/capture.ts';
import { readCapture } from '../conformance/captures/read-capture.ts';
import { writeCapture } from '../conformance/captures/write-capture.ts';
import { ConfigurationRefused, type Session, type Target } from '../conformance/targets/target.ts';
import type { Environment } from '../reference/environment.ts';
import { MalformedInput, UnsupportedFeature } from '../reference/errors.ts';
import { formatMac, readMac } from '../reference/wire/address.ts';
import { EXIT_STATUS } from './explain-error.ts';
import { parseEnvironment } from './parse-environment.ts';
import { readTextFile } from './read-text-file.ts';
import { chooseTargets, profileOf } from './target-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { untilInterrupted } from './until-interrupted.ts';

export interface ReplayOptions {
  readonly capture: string;
  readonly rules: string;
  readonly target: string;
  readonly environment?: string;
  readonly out: string;
}

/** A command of the rules file with its line, from 1. */
interface Rule {
  readonly line: number;
  readonly command: string;
}

/** A frame for the director with its number in the capture, from 1. */
interface Stimulus {
  readonly number: number;
  readonly frame: CapturedFrame;
}

/** A kernel counts its timers in ticks of a millisecond or more: frames closer together than this need no clock in between. */
const SHORTEST_ADVANCE_NS = 1_000_000n;

export async function replay(options: ReplayOptions, terminal: Terminal): Promise<number> {
  const capture = readCapture(options.capture);
  const rules = rulesOf(options.rules);
  const stimulus = stimulusOf(capture, options.capture);
  const environment =
    options.environment === undefined
      ? simplestEnvironment(stimulus, rules, options.capture)
      : parseEnvironment(readTextFile(options.environment, 'an environment as JSON'), options.environment);
  const answers = await untilInterrupted(async (signal) => {
    const say = (line: string): void => terminal.err(`${line}\n`);
    const [target] = await chooseTargets([options.target], { profile: profileOf(undefined), say, signal });
    if (target === undefined) {
      throw new MalformedInput(`--target ${options.target}: nothing can run here`);
    }
    try {
      await target.start();
      return await answersOf(target, environment, rules, stimulus, options, signal);
    } finally {
      await target.stop();
    }
  });
  writeCapture(options.out, {
    interfaces: environment.ports.map(({ name }) => ({ name, snaplen: 0 })),
    frames: answers,
    application: 'lvs-conformance replay',
  });
  terminal.out(`${stimulus.length} frames in, ${answers.length} frames out: ${options.out}\n`);
  return EXIT_STATUS.ok;
}

async function answersOf(
  target: Target,
  environment: Environment,
  rules: readonly Rule[],
  stimulus: readonly Stimulus[],
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<CapturedFrame[]> {
  const answers: CapturedFrame[] = [];
  let timeNs = stimulus[0]?.frame.timeNs ?? 0n;
  const session = await target.open(environment, (port, bytes) => {
    answers.push({ timeNs, interface: port, direction: 'out', bytes, originalLength: bytes.length });
  });
  try {
    await configure(session, rules, options.rules);
    let clockNs = timeNs;
    for (const { number, frame } of stimulus) {
      signal.throwIfAborted();
      if (frame.interface >= environment.ports.length) {
        throw new MalformedInput(
          `${options.capture}: frame ${number}: is of interface ${frame.interface + 1}, the director has ${environment.ports.length}; describe its ports with --environment`,
        );
      }
      // Captures merged from several places step back now and then; a clock does not.
      if (frame.timeNs - clockNs >= SHORTEST_ADVANCE_NS) {
        await advance(session, Number(frame.timeNs - clockNs) / 1e9, target.id);
        clockNs = frame.timeNs;
      }
      timeNs = frame.timeNs;
      session.send(frame.interface, frame.bytes);
      await session.settle();
    }
  } finally {
    await session.close();
  }
  return answers;
}

async function configure(session: Session, rules: readonly Rule[], file: string): Promise<void> {
  for (const { line, command } of rules) {
    try {
      await session.configure([command]);
    } catch (error) {
      if (
        error instanceof ConfigurationRefused ||
        error instanceof MalformedInput ||
        error instanceof UnsupportedFeature
      ) {
        throw new MalformedInput(`${file}:${line}: ${error.message}; the command is: ${command}`, { cause: error });
      }
      throw error;
    }
  }
}

async function advance(session: Session, seconds: number, target: string): Promise<void> {
  if (session.advance === undefined) {
    throw new UnsupportedFeature(
      `${target} has no clock that can be moved to the capture's times; take another target`,
    );
  }
  await session.advance(seconds);
}

/** Blank lines and comments say nothing, as in the files that `ipvsadm-restore` reads. */
function rulesOf(path: string): Rule[] {
  const lines = readTextFile(path, 'rules as ipvsadm-save -n writes them').split(/\r?\n/);
  return lines.flatMap((text, index) => (/^\s*(#|$)/.test(text) ? [] : [{ line: index + 1, command: text.trim() }]));
}

/** The frames that go to the director: those that a capture marks as sent by the interface's owner are its own. */
function stimulusOf(capture: Capture, path: string): Stimulus[] {
  const cut = capture.frames.findIndex(({ bytes, originalLength }) => bytes.length < originalLength);
  const { bytes, originalLength } = capture.frames[cut] ?? {};
  if (bytes !== undefined) {
    throw new MalformedInput(
      `${path}: frame ${cut + 1}: only ${bytes.length} of ${originalLength ?? 0} bytes were kept; capture whole frames (tcpdump -s 0)`,
    );
  }
  return capture.frames.flatMap((frame, index) => (frame.direction === 'out' ? [] : [{ number: index + 1, frame }]));
}

/** One port with every address on link, so that a capture and rules are enough. */
function simplestEnvironment(stimulus: readonly Stimulus[], rules: readonly Rule[], path: string): Environment {
  const first = stimulus.find(({ frame }) => frame.bytes.length >= 12 && ((frame.bytes[0] ?? 1) & 1) === 0)?.frame;
  if (first === undefined) {
    throw new MalformedInput(
      `${path}: no frame goes to one MAC address, which would be the director's; describe the director with --environment`,
    );
  }
  const mac = formatMac(readMac(new DataView(first.bytes.buffer, first.bytes.byteOffset, 6), 0));
  const services = rules.flatMap(({ command }) => {
    const address = /(?:^|\s)(?:-[tu]|--(?:tcp|udp)-service)[\s=]*(\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])(?::|\s|$)/i.exec(
      command,
    )?.[1];
    return address === undefined ? [] : [address.replace(/[[\]]/g, '')];
  });
  return {
    ports: [{ name: 'eth0', mac, addresses: [], mtu: 1500 }],
    virtualAddresses: Array.from(new Set(services)),
    routes: [],
    neighbours: 'derived',
    sysctls: {},
  };
}
