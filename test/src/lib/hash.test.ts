import {describe, expect, it} from 'vitest';
import {keyedPseudonym, sha256Hex} from '../../../src/lib/hash.ts';

describe('sha256Hex', () => {
  it('is SHA-256 of the UTF-8 bytes', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('Itagüí')).toBe(sha256Hex(new TextEncoder().encode('Itagüí')));
  });
});

describe('keyedPseudonym', () => {
  it('depends on key and value, and tells neither', () => {
    const pseudonym = keyedPseudonym('key', '174554415');
    expect(pseudonym).toMatch(/^[0-9a-f]{24}$/);
    expect(keyedPseudonym('key', '174554415')).toBe(pseudonym);
    expect(keyedPseudonym('other', '174554415')).not.toBe(pseudonym);
    expect(keyedPseudonym('key', '174554416')).not.toBe(pseudonym);
    expect(pseudonym).not.toBe(sha256Hex('174554415').slice(0, 24));
  });
});
