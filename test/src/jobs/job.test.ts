import {describe, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import {crawlQueue, portalOfQueue, readJob} from '../../../src/jobs/job.ts';

const crawl = {kind: 'crawl', portal: 'toy', shard: 1, shards: 2};
const local = {...crawl, baseUrl: 'http://127.0.0.1:8080'};

describe('readJob', () => {
  test('takes crawls and the pipeline as they were sent', () => {
    expect(readJob(crawl, {isDemo: false})).toEqual(crawl);
    expect(readJob(local, {isDemo: true})).toEqual(local);
    expect(readJob({kind: 'pipeline'}, {isDemo: false})).toEqual({kind: 'pipeline'});
  });

  test('real sites are never crawled into the simulated installation, nor the simulator into the real one', () => {
    expect(() => readJob(crawl, {isDemo: true})).toThrow(/--base-url/);
    expect(() => readJob(local, {isDemo: false})).toThrow(/simulated installation/);
  });

  test.each([null, {}, {kind: 'dance'}, {...crawl, shard: 0}, {...crawl, extra: 1}])(
    'refuses %j and says what to do',
    data => {
      expect(() => readJob(data, {isDemo: false})).toThrow(ConfigError);
      expect(() => readJob(data, {isDemo: false})).toThrow(/raiz schedule/);
    },
  );
});

test('the portal of a queue is found again, whatever its id looks like', () => {
  expect(portalOfQueue(crawlQueue('finca-raiz-2', 12))).toBe('finca-raiz-2');
  expect(portalOfQueue('pipeline')).toBeUndefined();
  expect(portalOfQueue('dead')).toBeUndefined();
});
