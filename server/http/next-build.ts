import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Entry of a child process: runs `next build` in the folder it is started in. It ends with its parent, however that ends: the parent holds the other end of
 * standard input.
 */
process.stdin.on('end', () => process.exit(1));
process.stdin.on('error', () => process.exit(1));
process.stdin.resume();
process.stdin.unref(); // waiting for the parent keeps nothing alive

process.argv.splice(2, Infinity, 'build');
createRequire(join(process.cwd(), 'package.json'))('next/dist/bin/next');
