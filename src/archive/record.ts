/** One WARC record as bytes: its headers and its block. */

export interface WarcRecordText {
  /** Value of a header, whatever the case of its name; undefined: not there. */
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

/** Reads one serialized record that must fill the bytes to the end; undefined when it is none, or longer or shorter. */
export function readRecord(bytes: Buffer): WarcRecordText | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0 || !/^WARC\/\d/.test(bytes.toString('latin1', 0, 6))) return undefined;
  const headers = headersIn(bytes.toString('utf8', 0, end));
  const length = Number(headers.get('content-length') ?? Number.NaN);
  const after = end + 4 + length;
  if (!Number.isInteger(length) || bytes.toString('latin1', after) !== '\r\n\r\n') return undefined;
  return {
    header: name => headers.get(name.toLowerCase()),
    body: bytes.subarray(end + 4, after),
  };
}

/** `name: value` lines after a first line of another form, by name in small letters; of repeated ones the last. */
export function headersIn(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}
