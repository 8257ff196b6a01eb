import { Command, InvalidArgumentError, Option } from 'commander';
import type { Terminal } from './terminal.ts';
import { toolVersion } from './tool-version.ts';

const EXIT_STATUS_HELP = `
Exit status:
  0  nothing unexpected
  1  a case failed that is not in the known list (with --strict also: a known failure passes now)
  2  usage or bad input, said in one line
  3  the harness's own fault
  130  interrupted (Ctrl-C)`;

/** The command line with its texts. A command's action is loaded when it runs, so that help and small commands start at once. */
export function createProgram(terminal: Terminal, ended: (status: number) => void): Command {
  const program = new Command('lvs-conformance')
    .description(
      'Puts raw Ethernet frames into a Linux Virtual Server director and judges the frames that come out, ' +
        'by what the LVS papers, the RFCs and kernel IPVS promise.',
    )
    .version(toolVersion())
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.out(text),
      // Errors are said once and in one line by the caller.
      outputError: () => undefined,
    })
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance run                                   the whole suite on the reference director and a kernel
  lvs-conformance run --target reference --case 'nat/*' some cases on one target
  lvs-conformance list                                  every case with its requirement
  lvs-conformance diff a.pcap b.pcapng                  where two captures part
  lvs-conformance compare before after                  what changed between two runs
${EXIT_STATUS_HELP}`,
    );
  program
    .command('run')
    .summary('run cases on targets and write reports')
    .description(
      'Runs conformance cases on directors and writes reports: run.json, results.tap (TAP 14), junit.xml, index.html ' +
        "and one capture for each result. Without --target: the reference director and the newest kernel of the machine's own suite, and machines for the cases about real servers.",
    )
    .addOption(repeatable('--target <id>', 'a target, as "targets" lists them; may be given several times'))
    .addOption(repeatable('--case <glob>', "cases by id, e.g. 'nat/*'; may be given several times"))
    .addOption(repeatable('--tag <tag>', 'cases with this tag; may be given several times'))
    .addOption(
      new Option(
        '--level <level>',
        'core: only what papers and RFCs demand; ipvs: only what kernel IPVS does where those leave a choice',
      ).choices(['core', 'ipvs']),
    )
    .option(
      '--profile <profile>',
      'whose choices the reference director makes: paper, linux, linux-6.12.113 (default: those of the kernel beside it)',
    )
    .option(
      '--setup <name|file>',
      'a set-up of a real server, known or described as JSON: it alone is judged, by the cases about real servers',
    )
    .option('--out <folder>', 'where the reports go', 'conformance-report')
    .addOption(
      new Option('--shard <i/n>', 'the i-th of n parts of the cases, to divide a run over machines').argParser(shard),
    )
    .option('--known <file>', 'failures that are known: a line each, target, case and reason')
    .option('--strict', 'a known failure that passes now is an error too')
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance run
  lvs-conformance run --target reference --case 'nat/*' --case arp/virtual-address-answered
  lvs-conformance run --target kernel-6.1 --level core --shard 1/4 --out part-1
  lvs-conformance run --known known-failures.txt --strict
  lvs-conformance run --setup my-server.json --target server-reference
${EXIT_STATUS_HELP}`,
    )
    .action(async (options: Parameters<(typeof import('./run.ts'))['run']>[0]) => {
      const { run } = await import('./run.ts');
      ended(await run(options, terminal));
    });

  program
    .command('list')
    .summary('list the cases')
    .description('Lists every case: id, level and title, by area. With --json all there is to know of each.')
    .option('--json', 'an array of {id, title, requirement, source, level, tags, needs}')
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance list
  lvs-conformance list --json | jq -r '.[] | select(.level == "core") | .id'
${EXIT_STATUS_HELP}`,
    )
    .action(async (options: { readonly json?: true }) => {
      const { list } = await import('./list.ts');
      ended(list(options, terminal));
    });

  program
    .command('targets')
    .summary('list what can run here')
    .description(
      'Lists the directors that can be driven from this machine, and the machines that can be arranged as real servers; for one that ' +
        'cannot, the command that mends it.',
    )
    .option('--json', 'an array of {id, description, available, mend}')
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance targets
${EXIT_STATUS_HELP}`,
    )
    .action(async (options: { readonly json?: true }) => {
      const { targets } = await import('./targets.ts');
      ended(targets(options, terminal));
    });

  program
    .command('replay')
    .summary('send a capture through a director')
    .description(
      'Sends the frames of a capture (pcap or pcapng) to a director and writes what it answers as a capture. ' +
        "Without --environment the director has one port with the first frame's destination MAC address, every address " +
        "is on link, and the services' addresses are the virtual ones. Its clock follows the time stamps of the capture.",
    )
    .argument('<capture>', 'the frames to send: a .pcap or .pcapng file')
    .requiredOption('--rules <file>', 'the virtual services, as ipvsadm-save -n writes them')
    .option('--target <id>', 'the director, as "targets" lists them', 'reference')
    .option('--environment <file>', "the director's host as JSON: ports, addresses, routes")
    .requiredOption('--out <file>', 'where the answers go; the format is that of the name: .pcap or .pcapng')
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance replay clients.pcap --rules rules.txt --out forwarded.pcapng
  lvs-conformance replay clients.pcap --rules rules.txt --target kernel --out kernel.pcapng
${EXIT_STATUS_HELP}`,
    )
    .action(
      async (capture: string, options: Omit<Parameters<(typeof import('./replay.ts'))['replay']>[0], 'capture'>) => {
        const { replay } = await import('./replay.ts');
        ended(await replay({ ...options, capture }, terminal));
      },
    );

  program
    .command('diff')
    .summary('compare two captures field by field')
    .description('Compares two captures (pcap or pcapng) frame by frame and field by field, and says where they part.')
    .argument('<a>', 'what is expected')
    .argument('<b>', 'what was observed')
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance diff conformance-report/captures/reference/CASE.pcapng conformance-report/captures/kernel-6.1/CASE.pcapng

Exit status:
  0  the captures agree
  1  they differ
  2  usage or bad input, said in one line`,
    )
    .action(async (a: string, b: string) => {
      const { diff } = await import('./diff.ts');
      ended(diff(a, b, (line) => terminal.out(`${line}\n`)));
    });

  program
    .command('compare')
    .summary('tell what changed between two runs')
    .description(
      'Compares two runs: cases that newly fail, newly pass or newly deviate, other changes of verdict, captures that changed ' +
        'though the verdict did not, and cases that only one of the runs has. Targets of the same id are compared with each ' +
        'other; so are two of different ids where each run has one left, as with kernel-6.1 and kernel-6.12.',
    )
    .argument('<run-a>', 'the run before: the folder of its report, or the run.json in it')
    .argument('<run-b>', 'the run after')
    .addOption(new Option('--markdown', 'for a pull request or an issue').conflicts('json'))
    .option('--json', 'all that changed, with both results of each case')
    .option('--html <folder>', 'also as a page, in a new folder, with links to the cases of both reports')
    .addHelpText(
      'after',
      `
A capture counts as changed where a frame is missing or differs in any byte, times and freely chosen IP ids aside; without
captures beside run.json, verdicts and reasons alone are compared.

Examples:
  lvs-conformance compare before after
  lvs-conformance compare kernel-6.1-report kernel-6.12-report/run.json
  lvs-conformance compare main-report conformance-report --markdown >> "$GITHUB_STEP_SUMMARY"
  lvs-conformance compare before after --json | jq -r '.targets[].changes[] | select(.kind == "newly-failing") | .case.id'

Exit status:
  0  nothing newly failing
  1  a case fails, or ends in an error, that did not before
  2  usage or bad input, said in one line`,
    )
    .action(async (a: string, b: string, options: Parameters<(typeof import('./compare.ts'))['compare']>[2]) => {
      const { compare } = await import('./compare.ts');
      ended(compare(a, b, options, terminal));
    });

  program
    .command('report')
    .summary('write a report from earlier runs')
    .description(
      'Makes one report from one run or several: index.html, run.json, results.tap, junit.xml and the captures, as "run" writes them. ' +
        'Targets of the same id stay apart as "kernel-6.1" and "kernel-6.1 (2)", in the order given, and say when they ran; ' +
        'the parts of a run that was divided with --shard become one again.',
    )
    .argument('<run...>', 'the folder of a report, or the run.json in it')
    .requiredOption('--out <folder>', 'where the report goes; an earlier report there is replaced')
    .addHelpText(
      'after',
      `
Examples:
  lvs-conformance report part-1 part-2 part-3 part-4 --out whole
  lvs-conformance report kernel-6.1-report kernel-6.12-report --out kernels
  lvs-conformance report downloaded/run.json --out conformance-report

Exit status:
  0  the report is written, whatever the verdicts
  2  usage or bad input, said in one line; nothing is written
  130  interrupted (Ctrl-C); nothing is written`,
    )
    .action(async (runs: [string, ...string[]], options: { readonly out: string }) => {
      const { report } = await import('./report.ts');
      ended(await report(runs, options, terminal));
    });

  program
    .command('director')
    .summary('run the reference director on real interfaces')
    .description(
      'Balances on interfaces of this Linux host, in user space: no IPVS in the kernel is needed. Without --environment the director ' +
        "has the interfaces' own MAC and IP addresses and the host's routes; the host keeps its own traffic. The virtual addresses are " +
        'those of the services. They must not be addresses of the host, and the kernel must not forward on these interfaces: it would ' +
        'answer and send on what the director does.',
    )
    .requiredOption('--rules <file>', 'the virtual services, as ipvsadm-save -n writes them')
    .addOption(
      repeatable('--interface <name>', 'an Ethernet interface; may be given several times').makeOptionMandatory(),
    )
    .option('--environment <file>', 'MAC and IP addresses, MTU and routes other than the host has, as JSON')
    .addOption(
      new Option('--drain <seconds>', 'how long connections may go on after the first signal to end')
        .argParser(seconds)
        .default(30),
    )
    .addHelpText(
      'after',
      `
Signals:
  SIGHUP           reads the rules again; services and servers that stay keep connections and counters
  SIGUSR1          lists services, servers and frames as ipvsadm -L -n and --stats do, on standard output
  SIGTERM, SIGINT  no new connections; ends when none is left or --drain is over; a second one ends at once

Examples:
  lvs-conformance director --rules rules.txt --interface eth0
  lvs-conformance director --rules rules.txt --interface outside --interface inside --environment director.json

Exit status:
  0  ended by a signal, gracefully
  2  usage or bad input, a right that is missing, said in one line
  3  the director's own fault
  130, 143  ended by a second SIGINT or SIGTERM`,
    )
    .action(async (options: Parameters<(typeof import('./director/director.ts'))['director']>[0]) => {
      const { director } = await import('./director/director.ts');
      ended(await director(options, terminal));
    });

  return program;
}

function seconds(text: string): number {
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(text)) throw new InvalidArgumentError('Give a number of seconds, e.g. 30.');
  return Number(text);
}

/** An option that may be given several times; undefined where it was not given. */
function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
}

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

function shard(text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const parsed = { index: Number(index), count: Number(count) };
  if (!(parsed.index >= 1 && parsed.index <= parsed.count)) {
    throw new InvalidArgumentError('Give I/N with 1 ≤ I ≤ N, e.g. 1/4.');
  }
  return parsed;
}
