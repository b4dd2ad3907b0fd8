import { spawn } from 'node:child_process';
import { AppError } from '#lib/errors/app-error.ts';

/** How much of a tool's output an error carries, characters from its end. */
const TAIL = 2_000;

export interface ToolCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** Sentence for when the command does not exist, with the fix. */
  readonly absent: string;
  /** Sentence for when it fails or does not end in time, with the fix. */
  readonly failed: string;
}

/** Runs a command to its end. Rejects with `broker/absent` or `broker/failed`, the end of its output in the details. */
export function runTool(call: ToolCall): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(call.command, call.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-TAIL);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), call.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new AppError('broker/absent', call.absent, { command: call.command }, error));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else
        reject(
          new AppError('broker/failed', call.failed, {
            command: call.command,
            code,
            signal,
            output,
          }),
        );
    });
  });
}
