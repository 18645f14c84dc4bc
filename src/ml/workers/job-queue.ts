/** Jobs in order, as many at once as there are places to do them. */
import {ModelError} from '../../domain/errors.ts';

/** Where jobs are done, one at a time: this thread or another. */
export interface Place<Task, Result> {
  do(task: Task): Promise<Result>;
  /** False when it can do no more: the next job gets a new place. */
  readonly isOpen: boolean;
  close(): Promise<void>;
}

export interface JobOptions {
  /** Stands before the message of its error. */
  readonly name: string;
  /** Lower ones first; equal ones as they came. */
  readonly rank: number;
  /** Asked when a place is free for it. */
  readonly mayBegin?: (() => boolean) | undefined;
}

interface Job<Task, Result> extends JobOptions {
  readonly task: Task;
  readonly resolve: (result: Result | null) => void;
  readonly reject: (error: unknown) => void;
}

export class JobQueue<Task, Result> {
  readonly #openPlace: () => Place<Task, Result>;
  readonly #places: number;
  readonly #waiting: Job<Task, Result>[] = [];
  readonly #running = new Map<Place<Task, Result>, Job<Task, Result>>();
  readonly #idle: Place<Task, Result>[] = [];
  #ended: Error | undefined;

  /** @param places opened as they are needed, never more. */
  constructor(openPlace: () => Place<Task, Result>, places: number) {
    this.#openPlace = openPlace;
    this.#places = places;
  }

  /**
   * @returns null when the job might not begin.
   * @throws ModelError when the job or its place fails; the queue's own end after `close`.
   */
  run(task: Task, options: JobOptions): Promise<Result | null> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const after = this.#waiting.findIndex(({rank}) => rank > options.rank);
      this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, {
        ...options,
        task,
        resolve,
        reject,
      });
      this.#dispatch();
    });
  }

  /** Closes all places. Jobs that have not ended are rejected with the reason. */
  async close(reason: Error = new ModelError('training was ended before its work was done')): Promise<void> {
    this.#ended ??= reason;
    const places = [...this.#idle.splice(0), ...this.#running.keys()];
    for (const job of [...this.#waiting.splice(0), ...this.#running.values()]) job.reject(this.#ended);
    this.#running.clear();
    await Promise.all(places.map(place => place.close()));
  }

  #dispatch(): void {
    while (this.#running.size < this.#places) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      if (job.mayBegin?.() === false) job.resolve(null);
      else void this.#begin(job);
    }
  }

  async #begin(job: Job<Task, Result>): Promise<void> {
    let place = this.#idle.pop();
    while (place?.isOpen === false) place = this.#idle.pop();
    place ??= this.#openPlace();
    this.#running.set(place, job);
    try {
      job.resolve(await place.do(job.task));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      job.reject(new ModelError(`${job.name}: ${message}`, {cause}));
    }
    // After `close` the place is closed and nobody waits.
    if (!this.#running.delete(place)) return;
    if (place.isOpen) this.#idle.push(place);
    this.#dispatch();
  }
}
