/** A deadline that stands still while somebody waits for the host's pace: politeness never makes a page late. */
export class PacedDeadline {
  readonly #late = new AbortController();
  #leftMs: number;
  #runsSince = 0;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #isLate = false;

  constructor(deadlineMs: number) {
    this.#leftMs = deadlineMs;
    this.#run();
  }

  /** Set when time is up, and by `end`. */
  get signal(): AbortSignal {
    return this.#late.signal;
  }

  /** True when time was up before `end`. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Waits without using up time. */
  async apart<Result>(wait: () => Promise<Result>): Promise<Result> {
    if (this.#waiting === 0) this.#rest();
    this.#waiting += 1;
    try {
      return await wait();
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#run();
    }
  }

  /** Whatever still listens to the signal is cut short. */
  end(): void {
    clearTimeout(this.#timer);
    this.#late.abort();
  }

  #run(): void {
    if (this.#late.signal.aborted) return;
    this.#runsSince = performance.now();
    this.#timer = setTimeout(
      () => {
        this.#isLate = true;
        this.#late.abort();
      },
      Math.max(0, this.#leftMs),
    );
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#runsSince;
  }
}
