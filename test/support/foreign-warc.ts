/** WARC files as other crawlers write them, byte by byte. */
import {gzipSync} from 'node:zlib';

interface ForeignRecordText {
  readonly type: string;
  readonly url?: string;
  readonly date?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly block: string | Buffer;
}

export function warcRecord({type, url, date, contentType, headers, block}: ForeignRecordText): Buffer {
  const body = Buffer.from(block as string);
  const head = {
    'WARC-Type': type,
    'WARC-Record-ID': '<urn:uuid:11111111-1111-4111-8111-111111111111>',
    'WARC-Date': date ?? '2023-03-21T04:05:06Z',
    ...(url === undefined ? {} : {'WARC-Target-URI': url}),
    'Content-Type': contentType ?? 'application/http; msgtype=response',
    ...headers,
    'Content-Length': String(body.length),
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([
    Buffer.from(`WARC/1.0\r\n${lines.join('\r\n')}\r\n\r\n`),
    body,
    Buffer.from('\r\n\r\n'),
  ]);
}

/** An answer of a server as `response` record. */
export function warcResponse(
  url: string,
  body: string | Buffer,
  more: {
    readonly date?: string;
    readonly status?: number;
    readonly http?: Readonly<Record<string, string>>;
    readonly type?: string;
  } = {},
): Buffer {
  const {date, status = 200, http = {'Content-Type': 'text/html; charset=utf-8'}, type = 'response'} = more;
  const lines = Object.entries(http).map(([name, value]) => `${name}: ${value}\r\n`);
  const block = Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} OK\r\n${lines.join('')}\r\n`),
    Buffer.from(body as string),
  ]);
  return warcRecord({type, url, ...(date === undefined ? {} : {date}), block});
}

/** Each record a gzip member of its own, as the standard asks. */
export function packedWarc(records: readonly Buffer[]): Buffer {
  return Buffer.concat(records.map(record => gzipSync(record)));
}

/** `Transfer-Encoding: chunked`, in chunks of `size` bytes. */
export function chunked(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
