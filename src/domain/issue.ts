/** An expected oddity of the data, kept instead of thrown: an unknown word, a key nobody read, an impossible value. */
export interface Issue {
  /** Stable, `snake_case`: issues are counted and told apart by it. */
  readonly code: string;
  readonly message: string;
  /** Where: a JSON path, a column. */
  readonly path?: string;
  /** What stood there, at most 60 characters, without personal data. */
  readonly value?: string;
}
