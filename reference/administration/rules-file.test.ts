import { describe, expect, test } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { DirectorLab } from '../testing/director-lab.ts';
import type { Command } from './command.ts';
import { parseCommand } from './parse-command.ts';
import { parseRules } from './rules-file.ts';

const read = (text: string): Command[] => parseRules(text, 'web.rules', new DirectorLab().director);

describe('a rules file', () => {
  test('is read line by line, without blank lines and comments', () => {
    const text =
      '# web\n-A -t 10.0.0.100:80 -s rr\n\n  # servers\r\n-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1\r\n--set 1 2 3\n';
    expect(read(text)).toEqual([
      parseCommand('-A -t 10.0.0.100:80 -s rr'),
      parseCommand('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1'),
      parseCommand('--set 1 2 3'),
    ]);
  });

  test.each([
    ['\n-A -t 10.0.0.300:80\n', "web.rules:2: illegal virtual server address[:port] specified: '10.0.0.300'"],
    ['-A -t 10.0.0.100:80\n-A -t 10.0.0.100:80\n', 'web.rules:2: Service already exists'],
    ['-A -t 10.0.0.100:80 -s fastest\n', 'web.rules:1: Scheduler or persistence engine not found'],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -m\n', 'web.rules:1: Service not defined'],
    ['-A -t 10.0.0.100:80\n-a -t 10.0.0.100:80 -r 192.168.1.255 -m\n', 'web.rules:2: Invalid operation.'],
  ])('%j is refused with file and line', (text, message) => {
    expect(() => read(text)).toThrow(MalformedInput);
    expect(() => read(text)).toThrow(message);
  });
});
