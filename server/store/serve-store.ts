import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { openSqlite } from './open-sqlite.ts';
import { storeFailure } from './store-failure.ts';
import {
  CLOSE,
  type Operations,
  type StoreMessage,
  type StoreReply,
  type StoreThreadData,
} from './store-protocol.ts';

interface Served<T extends Operations<T>> {
  readonly migrations: readonly string[];
  /** Prepares its statements once and answers the operations. */
  readonly operations: (db: DatabaseSync, settings: unknown) => T;
}

/**
 * The body of a store's thread: opens the file, answers requests one after another in the order they came, and closes the file when
 * asked. node:sqlite is synchronous, which is why it lives here and not on the web event loop.
 */
export function serveStore<T extends Operations<T>>(served: Served<T>): void {
  const port = parentPort;
  if (port === null) throw new Error('serveStore runs in a worker thread only');
  // The thread is started by StoreThread alone, which passes exactly this.
  const { file, settings } = workerData as StoreThreadData;
  const reply = (message: StoreReply): void => {
    port.postMessage(message);
  };

  const opened = openSqlite(file, served.migrations);
  if (!opened.ok) {
    reply({ kind: 'refused', failure: opened.failure });
    return;
  }
  const { db } = opened;
  // Operations are looked up by the name the typed client sent, with the argument it was typed for.
  const operations = new Map(
    Object.entries(served.operations(db, settings)) as [string, (argument: unknown) => unknown][],
  );
  reply({ kind: 'opened' });

  port.on('message', (message: StoreMessage) => {
    if (message === CLOSE) {
      reply({ kind: 'closed', failure: closeDatabase(db, file) });
      port.close();
      return;
    }
    const { id, operation, argument } = message;
    try {
      const run = operations.get(operation);
      if (run === undefined) throw new Error(`no operation ${operation}`);
      reply({ kind: 'done', id, value: run(argument) });
    } catch (error) {
      reply({ kind: 'failed', id, failure: storeFailure(file, `carry out "${operation}"`, error) });
    }
  });
}

function closeDatabase(db: DatabaseSync, file: string) {
  try {
    db.close();
    return null;
  } catch (error) {
    return storeFailure(file, 'be closed', error);
  }
}
