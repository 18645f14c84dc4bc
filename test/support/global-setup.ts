/**
 * One database server for a whole test run. It is started by the first test that asks for a database and stopped here;
 * with DATABASE_URL that server is used instead.
 */
import {randomBytes} from 'node:crypto';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestProject} from 'vitest/node';
import {readEnv} from '../../src/config/env.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {isAlive} from '../../src/db/embedded/pid.ts';
import {stopEmbedded} from '../../src/db/embedded/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string | undefined;
    serverFolder: string;
    templateName: string;
  }
}

const PREFIX = 'raiz-test-server-';

export default async function setup(project: TestProject) {
  const {databaseUrl} = readEnv(process.env);
  await removeLeftovers();
  const serverFolder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const templateName = `raiz_template_${randomBytes(6).toString('hex')}`;
  project.provide('databaseUrl', databaseUrl);
  project.provide('serverFolder', serverFolder);
  project.provide('templateName', templateName);
  return async () => {
    if (databaseUrl !== undefined) await dropTemplate(databaseUrl, templateName);
    await removeServer(serverFolder);
  };
}

/** Servers of test runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    if (!isAlive(Number(name.slice(PREFIX.length).split('-')[0]))) await removeServer(join(tmpdir(), name));
  }
}

async function removeServer(folder: string): Promise<void> {
  await stopEmbedded(folder);
  await rm(folder, {recursive: true, force: true});
}

async function dropTemplate(url: string, name: string): Promise<void> {
  const server = await connectDatabase(url, {max: 1});
  await server.sql`drop database if exists ${server.sql(name)}`;
  await server.close();
}
