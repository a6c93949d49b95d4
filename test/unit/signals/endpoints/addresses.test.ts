import { describe, expect, it } from 'vitest';
import { isPublic } from '../../../../shared/signals/endpoints/addresses.ts';

describe('public addresses', () => {
  it.each([
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['169.254.169.254', 'metadata of the cloud'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['192.0.0.192', 'protocol assignments'],
    ['198.18.0.1', 'benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['::ffff:10.0.0.1', 'IPv4-mapped'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['::7f00:1', 'IPv4-compatible'],
    ['fe80::1', 'link-local'],
    ['fd00:ec2::254', 'metadata of the cloud'],
    ['ff02::1', 'multicast'],
    ['64:ff9b::a00:1', 'NAT64'],
    ['64:ff9b:1::a00:1', 'NAT64'],
    ['2002:a00:1::', '6to4'],
    ['2001:0:a00:1::', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['hooks.example', 'a name'],
    ['', 'nothing'],
  ])('are not %s (%s)', (address) => expect(isPublic(address)).toBe(false));

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2a00:1450:4009::1', '2606:4700::1111'])('are %s', (address) =>
    expect(isPublic(address)).toBe(true),
  );
});
