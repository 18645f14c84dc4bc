import {isAbsolute, join, resolve} from 'node:path';
import {describe, expect, it} from 'vitest';
import {PROGRAM_DIR, readEnv} from '../../../src/config/env.ts';
import {ConfigError} from '../../../src/domain/errors.ts';

describe('readEnv', () => {
  it('has a default for what is unset or empty', () => {
    const env = readEnv({PATH: '/bin', DATABASE_URL: '', RAIZ_CONTACT: '  '});
    expect(env).toMatchObject({dataDir: join(PROGRAM_DIR, 'data'), logLevel: 'info'});
    expect(env.databaseUrl).toBeUndefined();
    expect(env.contact).toBeUndefined();
    expect(isAbsolute(env.dataDir)).toBe(true);
  });

  it('reads what it knows', () => {
    const env = readEnv({
      DATABASE_URL: 'postgresql://ana:s%40crt@db.example.org:6432/raiz?sslmode=require',
      RAIZ_DATA_DIR: 'somewhere/data',
      RAIZ_LOG_LEVEL: 'debug',
      RAIZ_CHROMIUM: '/opt/chromium/chrome',
      RAIZ_HASH_KEY: 'a key of sixteen+',
      RAIZ_DISCORD_WEBHOOK: 'https://discord.example.org/api/webhooks/1/x',
    });
    expect(env.databaseUrl).toContain('db.example.org:6432');
    expect(env.dataDir).toBe(resolve('somewhere/data'));
    expect(env.logLevel).toBe('debug');
    expect(env.chromium).toBe('/opt/chromium/chrome');
    expect(() => readEnv({RAIZ_CHROMIUM: 'chromium'})).toThrow('RAIZ_CHROMIUM must be an absolute path');
  });

  it.each([
    ['not a URL', 'db.example.org'],
    ['another protocol', 'mysql://u:hunter2@h/db'],
    ['no host', 'postgres:///raiz'],
    ['no database', 'postgres://u:hunter2@h:5432'],
  ])('refuses a DATABASE_URL with %s, shows a good one and keeps the password to itself', (_, url) => {
    const read = () => readEnv({DATABASE_URL: url});
    expect(read).toThrow(ConfigError);
    expect(read).toThrow('DATABASE_URL must look like postgres://user:password@host:5432/database');
    expect(read).not.toThrow(/hunter2/);
  });

  it.each([
    ['http://127.0.0.1:8080/hook', true],
    ['http://localhost/hook', true],
    ['http://discord.example.org/hunter2', false],
    ['ftp://127.0.0.1/hunter2', false],
    ['hunter2', false],
  ])('a webhook is https, or on this machine: %s', (RAIZ_DISCORD_WEBHOOK, isFine) => {
    const read = () => readEnv({RAIZ_DISCORD_WEBHOOK});
    if (isFine) return expect(read().discordWebhook).toBe(RAIZ_DISCORD_WEBHOOK);
    expect(read).toThrow('RAIZ_DISCORD_WEBHOOK must be an https address');
    expect(read).not.toThrow(/hunter2/);
  });

  it('refuses an unknown RAIZ_ variable and lists the known ones', () => {
    expect(() => readEnv({RAIZ_DATADIR: '/x'})).toThrow(/RAIZ_DATADIR.*RAIZ_DATA_DIR/);
    expect(() => readEnv({RAIZ_LOG_LEVEL: 'loud'})).toThrow(
      /RAIZ_LOG_LEVEL must be one of silent, error, warn/,
    );
  });
});
