import { BlockList, isIP } from 'node:net';

/**
 * Whether an address is one of the public internet. Everything that IANA's registries of special purposes keep for
 * other uses is not, nor is the address by which Azure's hosts talk to their machines.
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries; "What is IP address 168.63.129.16?", Azure documentation.
 */
export function isPublicAddress(address: string): boolean {
  const plain = withoutMapping(address);
  if (isIP(plain) === 4) return !reserved4.check(plain, 'ipv4');
  return isIP(plain) === 6 && global6.check(plain, 'ipv6') && !reserved6.check(plain, 'ipv6');
}

/** Whether an address lies in one of some ranges, such as `10.1.2.0/24` or `fd00::/8`. */
export function isWithin(address: string, ranges: readonly string[]): boolean {
  const plain = withoutMapping(address);
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  return isIP(plain) !== 0 && blockList(ranges).check(plain, family);
}

/** An IPv4 address that is written as an IPv6 address is that IPv4 address. */
function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

const reserved4 = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);

/** All that is given out for the public; mapped and translated IPv4 addresses lie outside. */
const global6 = blockList(['2000::/3']);
/** Teredo, benchmarking, ORCHID, documentation, 6to4: some of them hold IPv4 addresses of any kind. */
const reserved6 = blockList(['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
