/** One measured figure. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly note?: string;
}

/** What the command line may say to a bench. */
export interface BenchOptions {
  /** Pages of a crawl. */
  readonly pages: number | undefined;
  readonly rounds: number | undefined;
  /** `name=path of a python with Scrapy`. */
  readonly scrapy: readonly string[] | undefined;
  /** Listings to clean, match, enrich or train on. */
  readonly listings: number | undefined;
  /** Address of a server that has PostGIS. */
  readonly postgis: string | undefined;
  /** Where a soak keeps what it does, to go on there. */
  readonly folder: string | undefined;
}
