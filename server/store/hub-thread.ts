import { HUB_MIGRATIONS, hubOperations } from './hub-operations.ts';
import { serveStore } from './serve-store.ts';

serveStore({ migrations: HUB_MIGRATIONS, operations: (db) => hubOperations(db) });
