import {describe, expect, it} from 'vitest';
import {ModelError} from '../../../../src/domain/errors.ts';
import {JobQueue, type Place} from '../../../../src/ml/workers/job-queue.ts';

/** Places whose jobs end when the test says so. */
function openHand() {
  const begun: string[] = [];
  const endings = new Map<string, {resolve: (result: string) => void; reject: (error: Error) => void}>();
  const places: {isOpen: boolean; isClosed: boolean}[] = [];
  const openPlace = (): Place<string, string> => {
    const place = {isOpen: true, isClosed: false};
    places.push(place);
    return {
      do: task => {
        begun.push(task);
        return new Promise((resolve, reject) => endings.set(task, {resolve, reject}));
      },
      get isOpen() {
        return place.isOpen;
      },
      close: async () => {
        place.isClosed = true;
      },
    };
  };
  const settle = () => new Promise(resolve => setImmediate(resolve));
  const end = async (task: string) => {
    endings.get(task)?.resolve(`${task} done`);
    await settle();
  };
  const fail = async (task: string) => {
    endings.get(task)?.reject(new RangeError('it broke'));
    await settle();
  };
  return {begun, places, openPlace, end, fail};
}

describe('JobQueue', () => {
  it('does lower ranks first, equal ones as they came, never more than its places hold', async () => {
    const hand = openHand();
    const queue = new JobQueue(hand.openPlace, 2);
    const jobs = [
      ['a', 1],
      ['b', 1],
      ['c', 2],
      ['d', 1],
      ['e', 0],
    ] as const;
    const results = jobs.map(([task, rank]) => queue.run(task, {name: task, rank}));
    expect(hand.begun).toEqual(['a', 'b']);
    await hand.end('b');
    expect(hand.begun).toEqual(['a', 'b', 'e']);
    for (const task of ['e', 'a', 'd', 'c']) await hand.end(task);
    expect(hand.begun).toEqual(['a', 'b', 'e', 'd', 'c']);
    expect(await Promise.all(results)).toEqual(jobs.map(([task]) => `${task} done`));
    expect(hand.places).toHaveLength(2);
    await queue.close();
  });

  it('asks whether a job may begin when its turn comes', async () => {
    const hand = openHand();
    const queue = new JobQueue(hand.openPlace, 1);
    let isOver = false;
    const first = queue.run('a', {name: 'a', rank: 0, mayBegin: () => !isOver});
    const second = queue.run('b', {name: 'b', rank: 0, mayBegin: () => !isOver});
    isOver = true;
    await hand.end('a');
    expect(await first).toBe('a done');
    expect(await second).toBeNull();
    expect(hand.begun).toEqual(['a']);
  });

  it('names the job that failed, goes on with the others, and leaves a place that is shut', async () => {
    const hand = openHand();
    const queue = new JobQueue(hand.openPlace, 1);
    const failing = queue.run('a', {name: 'fold 3 of 5, network', rank: 0});
    const refused = expect(failing).rejects.toThrow(new ModelError('fold 3 of 5, network: it broke'));
    const other = queue.run('b', {name: 'b', rank: 0});
    hand.places[0]!.isOpen = false;
    await hand.fail('a');
    await refused;
    expect(hand.places).toHaveLength(2);
    await hand.end('b');
    expect(await other).toBe('b done');
  });

  it('leaves a place that was shut while it had nothing to do', async () => {
    const hand = openHand();
    const queue = new JobQueue(hand.openPlace, 1);
    const first = queue.run('a', {name: 'a', rank: 0});
    await hand.end('a');
    await first;
    hand.places[0]!.isOpen = false;
    const second = queue.run('b', {name: 'b', rank: 0});
    expect(hand.places).toHaveLength(2);
    await hand.end('b');
    expect(await second).toBe('b done');
  });

  it('rejects what runs, waits and comes after it was closed', async () => {
    const hand = openHand();
    const queue = new JobQueue(hand.openPlace, 1);
    const jobs = ['a', 'b'].map(task => queue.run(task, {name: task, rank: 0}));
    const refused = Promise.all(jobs.map(job => expect(job).rejects.toThrow('enough')));
    await queue.close(new Error('enough'));
    await refused;
    expect(hand.places).toEqual([{isOpen: true, isClosed: true}]);
    await expect(queue.run('c', {name: 'c', rank: 0})).rejects.toThrow('enough');
  });
});
