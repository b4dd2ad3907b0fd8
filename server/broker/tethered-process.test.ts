import { describe, expect, test, vi } from 'vitest';
import { isRunning } from './fixtures/is-running.ts';
import { startTethered } from './tethered-process.ts';

describe('a tethered process', () => {
  test('[BR3] tells its process id and its exit code', async () => {
    const child = await startTethered('sh', ['-c', 'exit 7']);
    expect(child.pid).toBeGreaterThan(0);
    expect(await child.exited).toEqual({ code: 7 });
    expect(child.kill('SIGTERM')).toBe(false);
  });

  test('[BR3] a signal goes to the child itself', async () => {
    const child = await startTethered('sleep', ['60']);
    expect(child.kill('SIGKILL')).toBe(true);
    expect(await child.exited).toEqual({ code: 128 + 9 });
    expect(isRunning(child.pid)).toBe(false);
  });

  test('[BR3] keeps the end of what the child printed', async () => {
    const child = await startTethered('sh', ['-c', 'echo to out; echo to err >&2']);
    await child.exited;
    expect(child.output()).toContain('to out');
    expect(child.output()).toContain('to err');
  });

  test('[BR3] a command that does not exist ends with code 127 and says so', async () => {
    const child = await startTethered('/nowhere/to/be/found', []);
    expect(await child.exited).toEqual({ code: 127 });
    expect(child.output()).toMatch(/not found|No such file/);
  });

  test('[BR3] when the shell between is killed, the child goes with it', async () => {
    const child = await startTethered('sh', ['-c', 'echo "$PPID"; sleep 60']);
    await vi.waitFor(() => expect(child.output()).toMatch(/\d+/));
    process.kill(Number(child.output().trim()), 'SIGKILL');
    await child.exited;
    await vi.waitFor(() => expect(isRunning(child.pid)).toBe(false));
  });
});
