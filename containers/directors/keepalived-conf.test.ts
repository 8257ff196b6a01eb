import { describe, expect, test } from 'vitest';
import { UnsupportedFeature } from '../../reference/errors.ts';
import { keepalivedConf, SECONDS_TO_NOTICE } from './keepalived-conf.ts';

const RULES = ['-A -t 10.2.0.100:80 -s wrr', '-a -t 10.2.0.100:80 -r 10.3.0.11:8080 -m -w 3'];

/** The words behind the keyword, line by line. */
const valuesOf = (text: string, keyword: string): string[] =>
  text.split('\n').flatMap((line) => {
    const [first, ...words] = line.trim().split(' ');
    return first === keyword ? [words.join(' ')] : [];
  });

describe('keepalived.conf', () => {
  test('is a block for the service and one for each server in it, in the words of keepalived.conf(5)', () => {
    expect(keepalivedConf(RULES, { path: '/health' })).toBe(`global_defs {
  router_id director
}

virtual_server 10.2.0.100 80 {
  delay_loop 1
  lvs_sched wrr
  lvs_method NAT
  protocol TCP
  alpha
  omega
  quorum 1
  real_server 10.3.0.11 8080 {
    weight 3
    HTTP_GET {
      url {
        path /health
        status_code 200
      }
      connect_timeout 1
      retry 1
      delay_before_retry 1
    }
  }
}
`);
  });

  test('checks that a connection comes about where no path is to be asked for', () => {
    const text = keepalivedConf(RULES, {});
    expect(text).toContain('TCP_CHECK');
    expect(text).not.toContain('HTTP_GET');
  });

  test('has sorry server, quorum and what becomes of connections from the checks', () => {
    const checks = { sorryServer: { address: '10.3.0.13', port: 80 }, quorum: 2, keepsConnections: true };
    const text = keepalivedConf(RULES, checks);
    expect(valuesOf(text, 'sorry_server')).toEqual(['10.3.0.13 80']);
    expect(valuesOf(text, 'quorum')).toEqual(['2']);
    expect(valuesOf(text, 'inhibit_on_failure')).toHaveLength(1);
    expect(valuesOf(keepalivedConf(RULES, {}), 'inhibit_on_failure')).toHaveLength(0);
  });

  test.each([
    ['-m', 'NAT'],
    ['-i', 'TUN'],
    ['-g', 'DR'],
  ])('calls the method %s %s', (option, word) => {
    const rules = ['-A -t 10.2.0.100:80 -s rr', `-a -t 10.2.0.100:80 -r 10.3.0.11:80 ${option}`];
    expect(valuesOf(keepalivedConf(rules, {}), 'lvs_method')).toEqual([word]);
  });

  test('writes IPv6 addresses without brackets, and each server below its own service', () => {
    const rules = [
      '-A -t 10.2.0.100:80 -s rr',
      '-A -t [fd00:2::100]:80 -s lc -p 60',
      '-a -t [fd00:2::100]:80 -r [fd00:3::11]:80 -m',
      '-a -t 10.2.0.100:80 -r 10.3.0.11:80 -m',
    ];
    const text = keepalivedConf(rules, {});
    expect(text.split('\n').filter((line) => /^\s*(virtual|real)_server/.test(line))).toEqual([
      'virtual_server 10.2.0.100 80 {',
      '  real_server 10.3.0.11 80 {',
      'virtual_server fd00:2::100 80 {',
      '  real_server fd00:3::11 80 {',
    ]);
    expect(valuesOf(text, 'persistence_timeout')).toEqual(['60']);
  });

  test.each([
    '-d -t 10.2.0.100:80 -r 10.3.0.11:8080',
    '-A -f 7 -s rr',
    '-A -u 10.2.0.100:53 -s rr -o',
    '-A -t 10.2.0.100:81 -s rr -p 60 -M 255.255.255.0',
    '-a -t 10.2.0.100:80 -r 10.3.0.12:80 -g',
    '-a -t 10.2.0.100:80 -r 10.3.0.12:80 -m -x 5',
    '-a -t 10.2.0.100:81 -r 10.3.0.12:81 -m',
  ])('is refused rather than written without what it cannot say: %s', (rule) => {
    expect(() => keepalivedConf([...RULES, rule], {})).toThrow(UnsupportedFeature);
  });

  test('lets nobody wait: a failure counts within four seconds', () => {
    // keepalived.conf(5): a check every delay_loop, retry more tries delay_before_retry apart, connect_timeout for each.
    expect(SECONDS_TO_NOTICE).toBe(1 + 1 + 1 + 1);
  });
});
