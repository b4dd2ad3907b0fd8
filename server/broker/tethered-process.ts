import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * The shell between us and the child. It holds the read end of our pipe: when we die, in whatever way, the pipe ends and the watcher kills the
 * child. The first line it prints is the child's process id; its exit code is the child's.
 */
const TETHER = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
echo "$child"
( read -r _ <&3; kill -KILL "$child" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill -KILL "$watcher" 2>/dev/null
exit "$code"
`;

export interface TetheredExit {
  /** Exit code; 128 + signal number when a signal ended it. */
  readonly code: number | null;
}

/** A child that cannot outlive this process, even when this process is killed with SIGKILL (BR3). */
export interface TetheredProcess {
  readonly pid: number;
  /** Signals the child itself; false when it is already gone. */
  kill(signal: NodeJS.Signals): boolean;
  /** Resolves once the child is gone. Never rejects. */
  readonly exited: Promise<TetheredExit>;
  /** The end of what it printed, for error messages. */
  output(): string;
}

const OUTPUT_TAIL = 4_000;

/** Starts a child on a tether. Rejects when there is no `sh` or the child cannot be started. */
export function startTethered(command: string, args: readonly string[]): Promise<TetheredProcess> {
  return new Promise((resolve, reject) => {
    // A process group of its own: Ctrl-C in the terminal reaches us alone, and we decide in which order things end.
    const shell = spawn('sh', ['-c', TETHER, 'tether', command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const keep = (text: string) => {
      output = (output + text).slice(-OUTPUT_TAIL);
    };
    let gone = false;
    const exited = new Promise<TetheredExit>((settle) => {
      shell.once('exit', (code) => {
        // The shell itself may have been killed: then nobody holds the child but its group.
        if (shell.pid !== undefined) signalTo(-shell.pid, 'SIGKILL');
        shell.once('close', () => {
          gone = true;
          settle({ code });
        });
      });
    });
    shell.stdin.on('error', () => {}); // the shell closed its end: `exited` tells
    shell.stderr.on('data', (chunk: Buffer) => keep(chunk.toString('utf8')));
    shell.once('error', reject);
    void exited.then(() => reject(new Error(`the process ended at once: ${output}`)));
    const lines = createInterface({ input: shell.stdout });
    lines.on('line', (line) => keep(`${line}\n`));
    lines.once('line', (line) => {
      output = '';
      const pid = Number(line);
      const kill = (signal: NodeJS.Signals) => !gone && signalTo(pid, signal);
      resolve({ pid, kill, exited, output: () => output });
    });
  });
}

function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
