import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Compiles C that needs no headers and no libraries into a shared object to be preloaded. Null where the compiler cannot. */
export const compileLibrary = async (
  compiler: readonly string[],
  source: string,
  folder: string,
  name: string,
): Promise<string | null> => {
  const [input, output] = [join(folder, `${name}.c`), join(folder, `${name}.so`)];
  writeFileSync(input, source);
  const [program = '', ...args] = compiler;
  const child = spawn(program, [...args, '-shared', '-fPIC', '-nostdlib', '-o', output, input], { stdio: 'ignore' });
  try {
    const [status] = (await once(child, 'exit')) as [number | null];
    return status === 0 ? output : null;
  } catch {
    return null;
  }
};
