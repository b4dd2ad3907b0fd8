import type { Failpoint, FailpointName } from '#server/ports/failpoint.ts';

export type FailpointSetting = { readonly name: FailpointName; readonly at: number } | null;

const killMyself = () => {
  process.kill(process.pid, 'SIGKILL');
};

/** A failpoint that kills the process without warning at the `at`-th passing of its place; without a setting it does nothing. */
export function openFailpoint(setting: FailpointSetting, die: () => void = killMyself): Failpoint {
  if (setting === null) return () => {};
  let passed = 0;
  return (name) => {
    if (name !== setting.name) return;
    passed += 1;
    if (passed === setting.at) die();
  };
}
