/**
 * A process with a running kernel target and an open session, for the test that ends it: says `ready`, then does what its argument says.
 *
 *     node --import tsx hold-target.ts wait|throw|exit
 */
import { KernelTarget } from '../kernel-target.ts';
import { ONE_SERVER, openSession } from './test-wire.ts';
import { testKernel } from './test-kernel.ts';

if ('why' in testKernel) throw new Error(testKernel.why);
const target = new KernelTarget(testKernel.kernel, { guests: 2 });
await target.start();
const { session } = await openSession(target);
await session.configure(ONE_SERVER);
process.stdout.write('ready\n');
const [, , manner] = process.argv;
if (manner === 'throw') throw new Error('on purpose');
if (manner === 'exit') process.exit(3);
