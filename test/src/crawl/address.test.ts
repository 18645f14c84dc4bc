import {expect, test} from 'vitest';
import {portalAddress} from '../../../src/crawl/address.ts';
import {userAgentOf} from '../../../src/crawl/user-agent.ts';

const HOME = 'https://www.toy.example';

test('a loopback server stands in, and the portal keeps its own addresses', () => {
  const address = portalAddress(HOME, 'http://127.0.0.1:4000');
  expect(address).toMatchObject({origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4000', isLoopback: true});
  expect(address.toPath(`${HOME}/venta/a?b=1#c`)).toBe('/venta/a?b=1');
  expect(address.resolve('/x', `${HOME}/venta`)).toBe(`${HOME}/x`);
  expect(address.resolve('http://127.0.0.1:4000/x?y=1', `${HOME}/venta`)).toBe(`${HOME}/x?y=1`);
  expect(address.resolve('b', `${HOME}/a/`)).toBe(`${HOME}/a/b`);
});

test('nothing leads out of the portal', () => {
  const address = portalAddress(HOME);
  expect(() => address.toPath('https://other.example/x')).toThrow(/outside the portal/);
  expect(() => address.resolve('http://www.toy.example/x', `${HOME}/a`)).toThrow(/outside the portal/);
});

test.each([
  'http://10.0.0.1',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'ftp://127.0.0.1',
  'x',
])('%s may not stand in for a portal', baseUrl =>
  expect(() => portalAddress(HOME, baseUrl)).toThrow(/loopback/),
);

test('the user agent names project and contact', () => {
  expect(userAgentOf(portalAddress(HOME), 'group@example.org')).toBe('Raiz/0.1 (+group@example.org)');
  expect(() => userAgentOf(portalAddress(HOME), undefined)).toThrow(/RAIZ_CONTACT/);
});
