/**
 * Keeps the process alive when the server closes a connection under a transaction: postgres.js 3.4.9 then writes to it once
 * more, outside of any promise (`nextWrite`, its socket is null). Whoever waits for the transaction gets CONNECTION_CLOSED;
 * the late write says nothing new.
 * @param onOther takes every other uncaught error; it must end the process.
 */
export function outliveClosedConnections(onOther: (error: unknown) => void): void {
  process.on('uncaughtException', error => {
    if (!isLateWrite(error)) onOther(error);
  });
}

function isLateWrite(error: unknown): boolean {
  return error instanceof TypeError && /nextWrite \(.*[\\/]postgres[\\/]/.test(error.stack ?? '');
}
